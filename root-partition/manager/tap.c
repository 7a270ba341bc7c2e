/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel is asked to make a TAP device. */
#include "manager/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "manager/bridge.h"
#include "manager/cleanup.h"

#define TUN "/dev/net/tun"

_Static_assert(sizeof(((struct tap *)0)->name) == IFNAMSIZ, "Linux's limit");

/* The first makes the device, and learns its name; the others join it. */
static int
queue_open(struct tap *t, struct err *e)
{
	AUTO_CLOSE int fd = open(TUN, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	struct ifreq r = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR |
	    IFF_MULTI_QUEUE };

	if (fd < 0)
		return err_set(e, errno, "%s: %s", TUN, strerror(errno));
	strcpy(r.ifr_name, t->count == 0 ? TAP_PREFIX "%d" : t->name);
	if (ioctl(fd, TUNSETIFF, &r) < 0)
		return err_set(e, errno, "making a TAP device: %s",
		    strerror(errno));
	memcpy(t->name, r.ifr_name, sizeof(t->name));
	t->fds[t->count++] = take_fd(&fd);
	return 0;
}

/* As of now, when the device has joined: it may depend on who has. */
static int
bridge_mac_find(struct tap *t, int fd, const char *bridge, struct err *e)
{
	struct ifreq r = { .ifr_flags = 0 };

	strncpy(r.ifr_name, bridge, sizeof(r.ifr_name) - 1);
	if (ioctl(fd, SIOCGIFHWADDR, &r) < 0)
		return err_set(e, errno, "address of %s: %s", bridge,
		    strerror(errno));
	memcpy(t->bridge_mac, r.ifr_hwaddr.sa_data, sizeof(t->bridge_mac));
	return 0;
}

static int
device_up(struct tap *t, const char *bridge, unsigned vlan, struct err *e)
{
	AUTO_CLOSE int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq r = { .ifr_mtu = (int)t->mtu };

	if (fd < 0)
		return err_set(e, errno, "socket: %s", strerror(errno));
	memcpy(r.ifr_name, t->name, sizeof(r.ifr_name));
	if (ioctl(fd, SIOCSIFMTU, &r) < 0)
		return err_set(e, errno, "MTU %u: %s", t->mtu,
		    strerror(errno));
	if (bridge_join(fd, bridge, t->name, vlan, e) < 0 ||
	    bridge_mac_find(t, fd, bridge, e) < 0)
		return -1;
	r.ifr_flags = IFF_UP;
	if (ioctl(fd, SIOCSIFFLAGS, &r) < 0)
		return err_set(e, errno, "bringing %s up: %s", t->name,
		    strerror(errno));
	return 0;
}

static int
device_make(struct tap *t, const struct config_network *network,
    unsigned queues, struct err *e)
{
	while (t->count < queues)
		if (queue_open(t, e) < 0)
			return -1;
	return device_up(t, config_network_device(network), network->vlan, e);
}

int
tap_open(struct tap *t, const struct config_network *network, unsigned vps,
    struct err *e)
{
	unsigned queues = vps < 1 ? 1 : vps < TAP_QUEUES_MAX ? vps :
	    TAP_QUEUES_MAX;

	memset(t, 0, sizeof(*t));
	if (bridge_check(config_network_device(network), network->vlan,
	    &t->mtu, e) < 0)
		return -1;
	if (t->mtu > TAP_MTU_MAX)
		t->mtu = TAP_MTU_MAX;
	if (device_make(t, network, queues, e) < 0) {
		tap_close(t);
		return -1;
	}
	return 0;
}

void
tap_close(struct tap *t)
{
	for (unsigned i = 0; i < t->count; i++)
		close(t->fds[i]);
	t->count = 0;
}
