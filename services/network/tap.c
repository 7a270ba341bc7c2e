/* SPDX-License-Identifier: Apache-2.0 */
/* TAP devices: made by root, then only read and written. */
#include "network/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "manager/cleanup.h"
#include "network/bridge.h"

#define TUN "/dev/net/tun"
#define NAME_PATTERN "mtap%d"
#define FLAGS (IFF_TAP | IFF_NO_PI | IFF_VNET_HDR)

/* Of ioctl() there is one use left: switching offloads. */
const int tap_calls[] = { SYS_readv, SYS_writev, SYS_ioctl, SYS_close };
const size_t tap_call_count = sizeof(tap_calls) / sizeof(tap_calls[0]);

/* The first makes the device, and learns its name; the others join it. */
static int
queue_open(struct tap *t, struct err *e)
{
	AUTO_CLOSE int fd = open(TUN, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	struct ifreq r = { .ifr_flags = FLAGS | IFF_MULTI_QUEUE };

	if (fd < 0)
		return err_set(e, errno, "%s: %s", TUN, strerror(errno));
	strcpy(r.ifr_name, t->count == 0 ? NAME_PATTERN : t->name);
	if (ioctl(fd, TUNSETIFF, &r) < 0)
		return err_set(e, errno, "making a TAP device: %s",
		    strerror(errno));
	memcpy(t->name, r.ifr_name, sizeof(t->name));
	t->fds[t->count++] = take_fd(&fd);
	return 0;
}

static int
device_up(const struct tap *t, const char *bridge, unsigned vlan,
    struct err *e)
{
	AUTO_CLOSE int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq r = { .ifr_mtu = (int)t->mtu };

	if (fd < 0)
		return err_set(e, errno, "socket: %s", strerror(errno));
	memcpy(r.ifr_name, t->name, sizeof(r.ifr_name));
	if (ioctl(fd, SIOCSIFMTU, &r) < 0)
		return err_set(e, errno, "MTU %u: %s", t->mtu,
		    strerror(errno));
	if (bridge_join(fd, bridge, t->name, vlan, e) < 0)
		return -1;
	r.ifr_flags = IFF_UP;
	if (ioctl(fd, SIOCSIFFLAGS, &r) < 0)
		return err_set(e, errno, "bringing %s up: %s", t->name,
		    strerror(errno));
	return 0;
}

int
tap_open(struct tap *t, const char *bridge, unsigned vlan, unsigned queues,
    struct err *e)
{
	memset(t, 0, sizeof(*t));
	if (bridge_check(bridge, vlan, &t->mtu, e) < 0)
		return -1;
	if (t->mtu > ADAPTER_MTU_MAX)
		t->mtu = ADAPTER_MTU_MAX;
	while (t->count < queues)
		if (queue_open(t, e) < 0) {
			tap_close(t);
			return -1;
		}
	tap_offload(t, false);
	if (device_up(t, bridge, vlan, e) < 0) {
		tap_close(t);
		return -1;
	}
	return 0;
}

int
tap_adopt(struct tap *t, int fd, struct err *e)
{
	struct ifreq r;
	int size = 0;

	memset(t, 0, sizeof(*t));
	if (ioctl(fd, TUNGETIFF, &r) < 0 ||
	    ioctl(fd, TUNGETVNETHDRSZ, &size) < 0 ||
	    (r.ifr_flags & FLAGS) != FLAGS ||
	    size != (int)sizeof(struct virtio_net_hdr))
		return err_set(e, EINVAL,
		    "what came is not a queue of a TAP device with headers");
	memcpy(t->name, r.ifr_name, sizeof(t->name));
	t->name[sizeof(t->name) - 1] = '\0';
	t->mtu = BRIDGE_MTU_USUAL;
	t->fds[t->count++] = fd;
	tap_offload(t, false);
	return 0;
}

void
tap_close(struct tap *t)
{
	for (unsigned i = 0; i < t->count; i++)
		close(t->fds[i]);
	t->count = 0;
}

bool
tap_send(const struct tap *t, unsigned queue, const struct iovec *iov,
    int count)
{
	return writev(t->fds[queue % t->count], iov, count) > 0;
}

size_t
tap_receive(const struct tap *t, unsigned queue, const struct iovec *iov,
    int count)
{
	ssize_t n = readv(t->fds[queue % t->count], iov, count);

	return n < 0 ? 0 : (size_t)n;
}

void
tap_offload(const struct tap *t, bool on)
{
	unsigned long which = on ? TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 |
	    TUN_F_TSO_ECN : 0;

	/* A device that refuses gives whole frames, which always do. */
	ioctl(t->fds[0], TUNSETOFFLOAD, which);
}
