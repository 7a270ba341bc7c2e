/* SPDX-License-Identifier: Apache-2.0 */
/* Disks by the program: those of a running partition, and their images. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "program.h"

TestSuite(disks, .init = program_set_up, .fini = program_tear_down,
    .timeout = 60);

#define DISKS "{\"ok\":true,\"lun\":1,\"disks\":[{\"lun\":1," \
	"\"path\":\"%s/a.img\",\"format\":\"raw\",\"readonly\":false," \
	"\"id\":\"demo-1\",\"size\":1048576,\"waiting\":2," \
	"\"written_bytes\":4096}]}"

Test(disks, disks_of_a_running_partition_are_asked_for)
{
	struct fake_worker storage = { .reply = NULL };
	char reply[1024], record[256];

	snprintf(record, sizeof(record), "0 /old.img\n1 %s/a.img,id=x\n",
	    root.path);
	snprintf(reply, sizeof(reply), DISKS, root.path);
	storage.reply = reply;
	demo_runs("{\"ok\":true}");
	test_root_write(&root, "a.img", "");
	cr_assert_eq(truncate_in_root("a.img"), 0);
	fake_service_start(&storage, &root, "demo", "storage.sock");
	cr_expect_eq(run("disk list demo"), 0, "%s", output);
	expect_output("  1      1M  raw     read-write       0       4K  ");
	expect_output("/a.img (2 writes wait for space)\n");
	cr_expect_eq(run("disk list demo --json"), 0);
	expect_output("\"id\": \"demo-1\"");
	test_root_write(&root, "run/mullion-disks/demo", "0 /old.img\n");
	cr_expect_eq(run("disk attach demo %s/a.img,id=x", root.path), 0, "%s",
	    output);
	cr_expect_str_eq(test_root_read(&root, "run/mullion-disks/demo"),
	    record);
	expect_output("/a.img as LUN 1\n");
	cr_expect_eq(run("disk resize demo 1 --size 2M"), 0, "%s", output);
	cr_expect_eq(run("disk resize demo 1 --size 1M"), 1);
	expect_output("is not made smaller");
	cr_expect_eq(run("disk resize demo 0"), 1);
	expect_output("no disk at LUN 0");
	cr_expect_eq(run("disk detach demo 1"), 0);
	cr_expect_str_eq(test_root_read(&root, "run/mullion-disks/demo"),
	    "0 /old.img\n", "a process that is started anew has this");
	fake_worker_stop(&storage);
	fake_worker_stop(&worker);
	cr_expect_eq(storage.fds, 1);
	cr_expect_not_null(strstr(storage.asked, "/a.img,id=x\"} "
	    "{\"op\":\"list\"} "
	    "{\"op\":\"resize\",\"lun\":1,\"size\":2097152} "
	    "{\"op\":\"list\"} {\"op\":\"list\"} "
	    "{\"op\":\"detach\",\"lun\":1} "), "%s", storage.asked);
}

Test(disks, disks_that_cannot_be_changed_are_told)
{
	struct fake_worker storage = { .reply = "{\"ok\":false,"
		"\"error\":\"in use by somebody else\",\"code\":16}" };

	demo_runs("{\"ok\":true}");
	cr_expect_eq(run("disk list demo"), 4);
	expect_output("was started without disks");
	fake_service_start(&storage, &root, "demo", "storage.sock");
	cr_expect_eq(run("disk attach demo /proc/self/exe,readonly=yes"), 1);
	expect_output("demo: in use by somebody else");
	cr_expect_eq(run("disk attach demo a.img,id"), 2);
	cr_expect_eq(run("disk detach demo 64"), 2);
	cr_expect_eq(run("disk detach demo x"), 2);
	expect_output("not a number from 0 to 63");
	cr_expect_eq(run("disk detach demo"), 2);
	expect_output("the number of a disk");
	fake_worker_stop(&storage);
	fake_worker_stop(&worker);
}

Test(disks, disk_image_is_created_empty)
{
	cr_expect_eq(run("disk create %s/new.img", root.path), 2);
	expect_output("needs --size");
	cr_expect_eq(run("disk create %s/new.img --size 3M", root.path), 0,
	    "%s", output);
	cr_expect_eq(run("create demo --kernel /proc/self/exe --disk "
			 "%s/new.img", root.path), 0, "%s", output);
	cr_expect_eq(run("disk create %s/new.img --size 3M", root.path), 5);
	cr_expect_eq(run("disk create %s/new.img --size 3X", root.path), 2);
}

Test(disks, disks_are_named_as_from_here)
{
	cr_assert_eq(chdir(root.path), 0);
	test_root_write(&root, "vmlinuz", "a kernel");
	cr_expect_eq(run("create demo --kernel vmlinuz --disk new.img"), 1);
	expect_output("/new.img: No such file");
	cr_expect_eq(run("disk create new.img --size 3M"), 0, "%s", output);
	cr_expect_eq(run("create demo --kernel vmlinuz --initrd none "
			 "--disk new.img,id=x"), 0, "%s", output);
	cr_expect_not_null(strstr(test_root_read(&root, DEMO), "/new.img,id=x"));
	cr_expect_null(strstr(test_root_read(&root, DEMO), "= new.img"));
	demo_runs("{\"ok\":true}");
	cr_expect_eq(run("disk attach demo none.img"), 1);
	expect_output("/none.img: No such file");
	fake_worker_stop(&worker);
}

Test(disks, disk_image_is_of_the_format_asked_for)
{
	if (access("/usr/bin/qemu-img", X_OK) == 0) {
		cr_expect_eq(run("disk create %s/a.qcow2 --size 3M",
		    root.path), 0, "%s", output);
		cr_expect_eq(memcmp(test_root_read(&root, "a.qcow2"),
		    "QFI\xfb", 4), 0);
		cr_expect_eq(run("disk create %s/b --size 3M --format qcow2",
		    root.path), 0, "%s", output);
		cr_expect_eq(memcmp(test_root_read(&root, "b"), "QFI\xfb", 4),
		    0);
		cr_expect_eq(run("disk create %s/b --size 3M --format qcow2",
		    root.path), 5);
	}
	cr_expect_eq(run("disk create %s/c.qcow2 --size 3M --format raw",
	    root.path), 0, "%s", output);
	cr_expect_eq(run("disk create %s/d.vhdx --size 3M", root.path), 2);
	expect_output("only raw and qcow2 images are made");
	cr_expect_eq(run("disk create %s/d --size 3M --format vmdk",
	    root.path), 2);
	cr_expect_eq(run("disk create %s/d.qcow2 --from /dev/null",
	    root.path), 2);
	expect_output("qemu-img convert");
}

Test(disks, disk_image_is_a_copy)
{
	char path[4200];
	struct stat st;

	test_root_write(&root, "a.img", "bytes of a disk");
	test_root_write(&root, "usr/share/mullion/disks/ours.img", "ours");
	cr_expect_eq(run("disk create %s/b.img --from %s/a.img --size 1M",
	    root.path, root.path), 0, "%s", output);
	snprintf(path, sizeof(path), "%s/b.img", root.path);
	cr_assert_eq(stat(path, &st), 0);
	cr_expect_eq(st.st_size, 1 << 20);
	cr_expect_leq(st.st_blocks * 512, 8192, "the rest is a hole");
	cr_expect_str_eq(test_root_read(&root, "b.img"), "bytes of a disk");
	cr_expect_eq(run("disk create %s/b.img --from %s/a.img", root.path,
	    root.path), 5);
	cr_expect_eq(run("disk create %s/c.img --from ours", root.path), 0,
	    "%s", output);
	cr_expect_str_eq(test_root_read(&root, "c.img"), "ours");
	cr_expect_eq(run("disk create %s/d.img --from theirs", root.path), 1);
	expect_output("no image \"theirs\" came with us");
	cr_expect_eq(run("disk create %s/d.img --from %s", root.path,
	    root.path), 1);
	snprintf(path, sizeof(path), "%s/d.img", root.path);
	cr_expect_eq(access(path, F_OK), -1, "half a copy is left");
}

Test(disks, seed_is_made_of_a_folder)
{
	char path[128];
	struct stat st;

	cr_expect_eq(run("disk seed %s/seed.iso", root.path), 2);
	expect_output("needs --from");
	test_root_write(&root, "seed/meta-data", "instance-id: one\n");
	cr_expect_eq(run("disk seed %s/seed.iso --from %s/seed", root.path,
	    root.path), 1);
	expect_output("seed/user-data: No such file");
	test_root_write(&root, "seed/user-data", "#cloud-config\n");
	cr_expect_eq(run("disk seed %s/seed.iso --from %s/seed", root.path,
	    root.path), 0, "%s", output);
	expect_output("seed.iso,format=iso gives it to a partition");
	snprintf(path, sizeof(path), "%s/seed.iso", root.path);
	cr_assert_eq(stat(path, &st), 0);
	cr_expect_eq(st.st_mode & 0777, 0600, "it may hold secrets");
	cr_expect_eq(run("disk seed %s/seed.iso --from %s/seed", root.path,
	    root.path), 5);
}

Test(disks, words_of_disk_are_explained)
{
	cr_expect_eq(run("disk"), 2);
	expect_output("disk needs one more word; try: mullion help disk");
	cr_expect_eq(run("disk eat"), 2);
	expect_output("no command \"disk eat\"");
	cr_expect_eq(run("help disk"), 0);
	expect_output("Usage: mullion disk attach NAME FILE [OPTION...]");
	expect_output("Usage: mullion disk create FILE [OPTION...]");
	expect_output("--size SIZE");
}
