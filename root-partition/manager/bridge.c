/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel is asked about bridges and told of their ports. */
#include "manager/bridge.h"

#include <errno.h>
#include <linux/if_bridge.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "manager/cleanup.h"
#include "manager/file.h"

#define VLAN_FIRST 1	/* of which every port is a member at first */

struct vlan_request {
	struct nlmsghdr head;
	struct ifinfomsg device;
	struct rtattr nest;
	struct rtattr attribute;
	struct bridge_vlan_info vlan;
};
_Static_assert(sizeof(struct vlan_request) == 44, "no holes");

struct vlan_answer {
	struct nlmsghdr head;
	struct nlmsgerr error;
};

/* A number of the device that sysfs tells; -1 if it does not. */
static long
device_number(const char *device, const char *what)
{
	char path[128], text[32];
	struct err ignored;
	size_t len;

	snprintf(path, sizeof(path), "/sys/class/net/%s/%s", device, what);
	if (file_read(path, text, sizeof(text) - 1, &len, &ignored) < 0)
		return -1;
	text[len] = '\0';
	return strtol(text, NULL, 10);
}

int
bridge_check(const char *bridge, unsigned vlan, uint32_t *mtu, struct err *e)
{
	long filtering = device_number(bridge, "bridge/vlan_filtering");
	long bytes = device_number(bridge, "mtu");

	if (filtering < 0)
		return err_set(e, ENODEV,
		    "there is no bridge \"%s\"; networkctl shows what there "
		    "is", bridge);
	if (vlan != 0 && filtering == 0)
		return err_set(e, EOPNOTSUPP,
		    "bridge %s does not filter VLANs: it needs "
		    "VLANFiltering=yes", bridge);
	*mtu = bytes > 0 ? (uint32_t)bytes : BRIDGE_MTU_USUAL;
	return 0;
}

/* Send one request and wait for the kernel's answer, which comes at once. */
static int
vlan_ask(int fd, uint16_t type, int index, uint16_t vlan, struct err *e)
{
	struct vlan_request r = {
		.head = {
			.nlmsg_len = sizeof(r),
			.nlmsg_type = type,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
		},
		.device = { .ifi_family = AF_BRIDGE, .ifi_index = index },
		.nest = {
			.rta_len = sizeof(r.nest) + sizeof(r.attribute) +
			    sizeof(r.vlan),
			.rta_type = IFLA_AF_SPEC,
		},
		.attribute = {
			.rta_len = sizeof(r.attribute) + sizeof(r.vlan),
			.rta_type = IFLA_BRIDGE_VLAN_INFO,
		},
		.vlan = {
			.flags = type == RTM_SETLINK ? BRIDGE_VLAN_INFO_PVID |
			    BRIDGE_VLAN_INFO_UNTAGGED : 0,
			.vid = vlan,
		},
	};
	struct vlan_answer a;

	if (send(fd, &r, sizeof(r), 0) < 0 ||
	    recv(fd, &a, sizeof(a), MSG_TRUNC) < (ssize_t)sizeof(a))
		return err_set(e, errno, "VLAN %u: %s", vlan,
		    strerror(errno));
	if (a.head.nlmsg_type != NLMSG_ERROR || a.error.error != 0)
		return err_set(e, -a.error.error, "VLAN %u: %s", vlan,
		    strerror(-a.error.error));
	return 0;
}

static int
vlan_join(int index, unsigned vlan, struct err *e)
{
	AUTO_CLOSE int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
	    NETLINK_ROUTE);

	if (fd < 0)
		return err_set(e, errno, "netlink: %s", strerror(errno));
	if (vlan_ask(fd, RTM_SETLINK, index, (uint16_t)vlan, e) < 0)
		return -1;
	return vlan == VLAN_FIRST ? 0 :
	    vlan_ask(fd, RTM_DELLINK, index, VLAN_FIRST, e);
}

int
bridge_join(int fd, const char *bridge, const char *device, unsigned vlan,
    struct err *e)
{
	struct ifreq r = { .ifr_ifindex = (int)if_nametoindex(device) };

	if (strlen(bridge) >= sizeof(r.ifr_name))
		return err_set(e, ENODEV, "there is no bridge \"%s\"", bridge);
	strcpy(r.ifr_name, bridge);
	if (ioctl(fd, SIOCBRADDIF, &r) < 0)
		return err_set(e, errno, "joining %s: %s", bridge,
		    strerror(errno));
	return vlan == 0 ? 0 : vlan_join(r.ifr_ifindex, vlan, e);
}
