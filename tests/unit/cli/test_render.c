/* SPDX-License-Identifier: Apache-2.0 */
/* How partitions and figures look, for people and for programs. */
#include <criterion/criterion.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/render.h"

static char *text;
static size_t text_len;

static FILE *
out_open(void)
{
	return open_memstream(&text, &text_len);
}

/* What the last output says at @path ("/0/name") in its JSON. */
static const char *
json_at(const char *path)
{
	static char value[256];
	json_object *o = json_tokener_parse(text), *at;

	cr_assert_not_null(o, "no JSON: %s", text);
	strcpy(value, "nothing");
	if (json_pointer_get(o, path, &at) == 0)
		strcpy(value, json_object_get_string(at));
	json_object_put(o);
	return value;
}

static struct partition
demo(void)
{
	struct partition p = { .name = "demo", .state = PARTITION_RUNNING,
		.pid = 42, .started = 1700000000, .config_valid = true };

	config_default(&p.config);
	p.config.cpus = 2;
	return p;
}

static struct partition
broken(void)
{
	struct partition p = { .name = "a-longer-name",
		.state = PARTITION_FAILED, .reason = "VP 0: triple fault" };

	strcpy(p.config_err.text, "line 1: what?");
	return p;
}

static void
set_zone(void)
{
	setenv("TZ", "UTC", 1);
}

static void
free_text(void)
{
	free(text);
}

TestSuite(render, .init = set_zone, .fini = free_text);

Test(render, list_has_a_row_a_partition)
{
	struct partition p[] = { demo(), broken() };
	FILE *out = out_open();

	list_render(out, p, 2);
	fclose(out);
	cr_expect_str_eq(text,
	    "NAME           STATE     CPUS  MEMORY  DEMAND  BOOT  HEART  "
	    "ADDRESS          NOTE\n"
	    "demo           running      2    256M       -  no    -      -      "
	    "          \n"
	    "a-longer-name  failed       -       -       -  -     -      -      "
	    "          "
	    "configuration: line 1: what?\n");
}

Test(render, failure_is_listed_with_its_reason)
{
	struct partition p = broken();
	FILE *out = out_open();

	config_default(&p.config);
	p.config_valid = true;
	list_render(out, &p, 1);
	fclose(out);
	cr_expect_not_null(strstr(text, "failed       1    256M       -  no    "
	    "-      -                VP 0: triple fault\n"));
}

Test(render, list_as_json_is_an_array)
{
	struct partition p[] = { demo(), broken() };
	FILE *out = out_open();

	list_render_json(out, p, 2);
	fclose(out);
	cr_expect_str_eq(json_at("/0/name"), "demo");
	cr_expect_str_eq(json_at("/0/state"), "running");
	cr_expect_str_eq(json_at("/0/memory"), "268435456");
	cr_expect_str_eq(json_at("/0/start_at_boot"), "false");
	cr_expect_str_eq(json_at("/0/reason"), "nothing");
	cr_expect_str_eq(json_at("/1/reason"), "VP 0: triple fault");
	cr_expect_str_eq(json_at("/1/config_error"), "line 1: what?");
	cr_expect_str_eq(json_at("/1/cpus"), "nothing");
}

static struct partition
ballooned(void)
{
	struct partition p = demo();

	p.config.memory_max = UINT64_C(1) << 30;
	p.has_memory = true;
	p.memory = (struct memory_state){ .driver = "ready",
		.has_assigned = true, .assigned = UINT64_C(300) << 20,
		.has_demanded = true, .demanded = UINT64_C(120) << 20,
		.available = UINT64_C(90) << 20, .resident = 77 << 20 };
	return p;
}

Test(render, list_has_what_memory_there_is_and_is_needed)
{
	struct partition p = ballooned();
	FILE *out = out_open();

	list_render(out, &p, 1);
	fclose(out);
	cr_expect_not_null(strstr(text, "running      2    300M    120M  no"));
}

Test(render, info_has_the_memory_of_now)
{
	struct partition p = ballooned();
	FILE *out = out_open();

	info_render(out, &p, "/f");
	fclose(out);
	cr_expect_not_null(strstr(text, "assigned       300M\n"
	    "demanded       120M\n"
	    "available      90M\n"
	    "resident       77M\n"
	    "file           /f\n"));
	cr_expect_not_null(strstr(text, "memory         256M\n"
	    "memory-max     1G\n"));
	out = out_open();
	info_render_json(out, &p, "/f");
	fclose(out);
	cr_expect_str_eq(json_at("/memory"), "268435456");
	cr_expect_str_eq(json_at("/memory_max"), "1073741824");
	cr_expect_str_eq(json_at("/memory_min"), "nothing");
	cr_expect_str_eq(json_at("/memory_now/assigned"), "314572800");
	cr_expect_str_eq(json_at("/memory_now/demanded"), "125829120");
}

Test(render, a_guest_without_the_driver_is_told)
{
	struct partition p = demo();
	FILE *out = out_open();

	p.has_memory = true;
	strcpy(p.memory.driver, "none");
	info_render(out, &p, "/f");
	fclose(out);
	cr_expect_not_null(strstr(text, "memory driver  none\n"));
	cr_expect_null(strstr(text, "demanded"));
}

Test(render, empty_list_as_json_is_an_empty_array)
{
	FILE *out = out_open();
	json_object *o;

	list_render_json(out, NULL, 0);
	fclose(out);
	o = json_tokener_parse(text);
	cr_assert(json_object_is_type(o, json_type_array));
	cr_expect_eq(json_object_array_length(o), 0);
	json_object_put(o);
}

Test(render, info_tells_all)
{
	struct partition p = demo();
	FILE *out = out_open();

	info_render(out, &p, "/etc/mullion/partitions/demo.conf");
	fclose(out);
	cr_expect_str_eq(text,
	    "name           demo\n"
	    "state          running\n"
	    "started        2023-11-14 22:13:20\n"
	    "worker pid     42\n"
	    "file           /etc/mullion/partitions/demo.conf\n"
	    "cpus           2\n"
	    "memory         256M\n"
	    "kernel         /usr/share/mullion/child/vmlinuz\n"
	    "initrd         /usr/share/mullion/child/initrd\n"
	    "cmdline        console=ttyS0\n"
	    "console        serial\n"
	    "start-at-boot  no\n");
}

/* A guest of which all is known. */
static struct partition
talkative(void)
{
	struct partition p = demo();

	p.has_guest = true;
	p.guest = (struct guest_status){ .heartbeat = "ok", .missed = 3,
		.service_count = 2, .service = { "heartbeat", "pairs" },
		.os = "Debian GNU/Linux 13", .kernel = "6.12.1",
		.fqdn = "web.example", .address_count = 2,
		.address = { "10.0.0.2", "2001:db8::2" },
		.has_drift = true, .drift_ns = -1234567, .frozen = true };
	return p;
}

Test(render, guest_is_shown_where_it_is_known)
{
	struct partition p = talkative();
	FILE *out = out_open();

	list_render(out, &p, 1);
	info_render(out, &p, "/f");
	fclose(out);
	cr_expect_not_null(strstr(text, "no    ok     10.0.0.2         \n"));
	cr_expect_not_null(strstr(text,
	    "heartbeat      ok\n"
	    "guest os       Debian GNU/Linux 13\n"
	    "guest kernel   6.12.1\n"
	    "guest name     web.example\n"
	    "address        10.0.0.2\n"
	    "address        2001:db8::2\n"
	    "clock drift    -1.234 ms\n"
	    "file systems   frozen\n"));
}

Test(render, guest_as_json)
{
	struct partition p = talkative();
	FILE *out = out_open();

	list_render_json(out, &p, 1);
	fclose(out);
	cr_expect_str_eq(json_at("/0/guest/heartbeat"), "ok");
	cr_expect_str_eq(json_at("/0/guest/missed"), "3");
	cr_expect_str_eq(json_at("/0/guest/services/1"), "pairs");
	cr_expect_str_eq(json_at("/0/guest/os"), "Debian GNU/Linux 13");
	cr_expect_str_eq(json_at("/0/guest/architecture"), "nothing");
	cr_expect_str_eq(json_at("/0/guest/addresses/1"), "2001:db8::2");
	cr_expect_str_eq(json_at("/0/guest/drift_ns"), "-1234567");
	cr_expect_str_eq(json_at("/0/guest/frozen"), "true");
}

Test(render, info_of_a_broken_file_says_what_is_wrong)
{
	struct partition p = broken();
	FILE *out = out_open();

	info_render(out, &p, "/f");
	fclose(out);
	cr_expect_not_null(strstr(text, "wrong in it    line 1: what?\n"));
	cr_expect_null(strstr(text, "kernel"));
}

Test(render, info_as_json_has_the_configuration)
{
	struct partition p = demo();
	FILE *out = out_open();

	info_render_json(out, &p, "/f");
	fclose(out);
	cr_expect_str_eq(json_at("/file"), "/f");
	cr_expect_str_eq(json_at("/pid"), "42");
	cr_expect_str_eq(json_at("/started"), "1700000000");
	cr_expect_str_eq(json_at("/console"), "serial");
	cr_expect_str_eq(json_at("/kernel"), CONFIG_DEFAULT_KERNEL);
	cr_expect_str_eq(json_at("/disks/0/path"), "nothing");
}

Test(render, info_has_the_disks)
{
	struct partition p = demo();
	struct err e = { 0 };
	FILE *out;

	cr_assert_eq(config_set(&p.config, CONFIG_KEY_DISK,
	    "/a.img,id=first", &e), 0);
	cr_assert_eq(config_set(&p.config, CONFIG_KEY_DISK,
	    "/b.iso,format=iso", &e), 0);
	out = out_open();
	info_render(out, &p, "/f");
	fclose(out);
	cr_expect_not_null(strstr(text, "disk           /a.img,id=first\n"
	    "disk           /b.iso\n"));
	out = out_open();
	info_render_json(out, &p, "/f");
	fclose(out);
	cr_expect_str_eq(json_at("/disks/0/path"), "/a.img");
	cr_expect_str_eq(json_at("/disks/0/id"), "first");
	cr_expect_str_eq(json_at("/disks/0/full"), "pause");
	cr_expect_str_eq(json_at("/disks/1/format"), "iso");
	cr_expect_str_eq(json_at("/disks/1/readonly"), "true");
}

Test(render, info_has_the_networks)
{
	struct partition p = demo();
	struct err e = { 0 };
	FILE *out;

	cr_assert_eq(config_set(&p.config, CONFIG_KEY_NETWORK,
	    "default,mac=02:00:00:00:00:01", &e), 0);
	cr_assert_eq(config_set(&p.config, CONFIG_KEY_NETWORK,
	    "br0,vlan=7,rate=1M", &e), 0);
	out = out_open();
	info_render(out, &p, "/f");
	fclose(out);
	cr_expect_not_null(strstr(text,
	    "network        default,mac=02:00:00:00:00:01\n"
	    "network        br0,vlan=7,rate=1M\n"));
	out = out_open();
	info_render_json(out, &p, "/f");
	fclose(out);
	cr_expect_str_eq(json_at("/networks/0/bridge"), "default");
	cr_expect_str_eq(json_at("/networks/0/mac"), "02:00:00:00:00:01");
	cr_expect_str_eq(json_at("/networks/1/vlan"), "7");
	cr_expect_str_eq(json_at("/networks/1/rate"), "1000000");
}

static struct partition_stats *
figures(void)
{
	struct partition_stats *s = calloc(1, sizeof(*s));

	cr_assert_not_null(s);
	s->memory = UINT64_C(256) << 20;
	s->has_deposited = true;
	s->deposited = 3670016;
	s->vps = 1;
	s->vp[0].run_time_ns = UINT64_C(61042999999);
	s->vp[0].hypercalls = 9;
	s->vp[0].exit_kinds = 3;
	strcpy(s->vp[0].exits[0].name, "cpuid");
	s->vp[0].exits[0].count = 5;
	strcpy(s->vp[0].exits[1].name, "msr");
	strcpy(s->vp[0].exits[2].name, "hlt");
	s->vp[0].exits[2].count = 7;
	return s;
}

Test(render, stats_sum_up_and_leave_out_what_did_not_happen)
{
	struct partition_stats *s = figures();
	FILE *out = out_open();

	stats_render(out, "demo", s);
	fclose(out);
	free(s);
	cr_expect_str_eq(text,
	    "demo: 1 VP, 256M of guest memory\n"
	    "memory of the hypervisor: 3.5M deposited\n"
	    "VP 0   run time 61.042 s, 12 exits, 9 hypercalls\n"
	    "       cpuid                              5\n"
	    "       hlt                                7\n");
}

Test(render, stats_have_the_pressure)
{
	struct partition_stats *s = figures();
	FILE *out = out_open();

	s->has_resident = s->has_demanded = true;
	s->resident = 100 << 20;
	s->demanded = 50 << 20;
	s->available = 60 << 20;
	stats_render(out, "demo", s);
	fclose(out);
	free(s);
	cr_expect_eq(strncmp(text, "demo: 1 VP, 256M of guest memory, 100M of "
	    "it resident, 50M demanded, 60M available\n", 80), 0);
}

Test(render, stats_as_json_have_every_figure)
{
	struct partition_stats *s = figures();
	FILE *out = out_open();

	s->has_in_use = true;
	s->in_use = 4096;
	stats_render_json(out, "demo", s);
	fclose(out);
	free(s);
	cr_expect_str_eq(json_at("/name"), "demo");
	cr_expect_str_eq(json_at("/deposited"), "3670016");
	cr_expect_str_eq(json_at("/in_use"), "4096");
	cr_expect_str_eq(json_at("/vps/0/run_time_ns"), "61042999999");
	cr_expect_str_eq(json_at("/vps/0/exits/msr"), "0");
	cr_expect_str_eq(json_at("/vps/0/exits/hlt"), "7");
}

Test(render, unknown_figures_have_no_key)
{
	struct partition_stats *s = figures();
	FILE *out = out_open();

	s->has_deposited = false;
	stats_render_json(out, "demo", s);
	fclose(out);
	free(s);
	cr_expect_str_eq(json_at("/deposited"), "nothing");
	cr_expect_str_eq(json_at("/in_use"), "nothing");
}

Test(render, versions_tell_when_there_is_no_hypervisor)
{
	struct versions v = { "1.2", "1.2-abc", "" };
	FILE *out = out_open();

	versions_render(out, &v);
	fclose(out);
	cr_expect_str_eq(text, "mullion     1.2-abc\n"
			       "hypervisor  none: not a parent partition\n");
}

Test(render, versions_as_json)
{
	struct versions v = { "1.2", "1.2-abc", "Microsoft Hv" };
	FILE *out = out_open();

	versions_render_json(out, &v);
	fclose(out);
	cr_expect_str_eq(json_at("/mullion"), "1.2");
	cr_expect_str_eq(json_at("/build"), "1.2-abc");
	cr_expect_str_eq(json_at("/hypervisor"), "Microsoft Hv");
}

Test(render, short_sizes_have_few_digits)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} cases[] = {
		{ 0, "0" },
		{ 1023, "1023" },
		{ 1024, "1K" },
		{ 1536, "1.5K" },
		{ 1024 * 1024 - 1, "1023.9K" },
		{ 1024 * 1024, "1M" },
		{ UINT64_C(5) << 40, "5T" },
		{ UINT64_MAX, "15.9E" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char got[SHORT_SIZE_MAX];

		short_size_format(cases[i].bytes, got);
		cr_expect_str_eq(got, cases[i].text);
	}
}
