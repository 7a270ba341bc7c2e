/* SPDX-License-Identifier: Apache-2.0 */
/* Network adapters of a running partition by the program. */
#include <criterion/criterion.h>
#include <string.h>

#include "program.h"

TestSuite(networks, .init = program_set_up, .fini = program_tear_down,
    .timeout = 60);

#define NETWORKS "{\"ok\":true,\"port\":1,\"networks\":[{\"port\":1," \
	"\"bridge\":\"mullion0\",\"device\":\"mtap3\"," \
	"\"mac\":\"02:00:00:12:34:56\",\"vlan\":7,\"spoofing\":false," \
	"\"address\":\"10.94.0.23\",\"up\":true,\"used\":false,\"mtu\":1500,\"queues\":2," \
	"\"sent_bytes\":4096,\"received_bytes\":8192,\"dropped\":3}]}"

Test(networks, networks_of_a_running_partition_are_asked_for)
{
	struct fake_worker network = { .reply = NETWORKS };

	demo_runs("{\"ok\":true}");
	fake_service_start(&network, &root, "demo", "network.sock");
	cr_expect_eq(run("network list demo"), 0, "%s", output);
	expect_output("   1  mullion0         02:00:00:12:34:56  10.94.0.23   "
		      "       7  up    1500       2        8K      4K (not "
		      "in use) (3 dropped)\n");
	cr_expect_eq(run("network list demo --json"), 0);
	expect_output("\"device\": \"mtap3\"");
	cr_expect_eq(run("network set demo 1 --link down"), 0, "%s", output);
	expect_output("the link of adapter 1 is down\n");
	cr_expect_eq(run("network detach demo 1"), 0, "%s", output);
	fake_worker_stop(&network);
	fake_worker_stop(&worker);
	cr_expect_not_null(strstr(network.asked,
	    "{\"op\":\"link\",\"up\":false,\"port\":1} "
	    "{\"op\":\"detach\",\"port\":1} "), "%s", network.asked);
}

Test(networks, networks_that_cannot_be_changed_are_told)
{
	struct fake_worker network = { .reply = "{\"ok\":false,"
		"\"error\":\"there is no network adapter 5\"}" };

	demo_runs("{\"ok\":true}");
	cr_expect_eq(run("network list demo"), 4);
	expect_output("was started without network adapters");
	fake_service_start(&network, &root, "demo", "network.sock");
	cr_expect_eq(run("network detach demo 5"), 1);
	expect_output("demo: there is no network adapter 5");
	cr_expect_eq(run("network detach demo 8"), 2);
	expect_output("not a number from 0 to 7; mullion network list shows");
	cr_expect_eq(run("network set demo 0"), 2);
	expect_output("needs --link up or --link down");
	cr_expect_eq(run("network set demo 0 --link sideways"), 2);
	cr_expect_eq(run("network attach demo default,vlan=0"), 2);
	expect_output("not a number from 1 to 4094");
	cr_expect_eq(run("network attach demo no-such-bridge"), 1);
	expect_output("there is no bridge \"no-such-bridge\"");
	fake_worker_stop(&network);
	fake_worker_stop(&worker);
}
