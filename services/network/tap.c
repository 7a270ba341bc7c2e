/* SPDX-License-Identifier: Apache-2.0 */
/* TAP devices that somebody made; they are only read and written. */
#include "network/tap.h"

#include <errno.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "manager/cleanup.h"

#define FLAGS (IFF_TAP | IFF_NO_PI | IFF_VNET_HDR)

const unsigned long tap_ioctls[] = {
	TUNSETOFFLOAD, TUNGETIFF, TUNGETVNETHDRSZ,
};
const size_t tap_ioctl_count = sizeof(tap_ioctls) / sizeof(tap_ioctls[0]);

static bool
queue_check(int fd, struct ifreq *r)
{
	int size = 0;

	return ioctl(fd, TUNGETIFF, r) == 0 &&
	    ioctl(fd, TUNGETVNETHDRSZ, &size) == 0 &&
	    (r->ifr_flags & FLAGS) == FLAGS &&
	    size == (int)sizeof(struct virtio_net_hdr);
}

int
tap_adopt(struct tap *t, int *fds, unsigned count, uint32_t mtu,
    struct err *e)
{
	struct ifreq r;

	memset(t, 0, sizeof(*t));
	for (unsigned i = 0; i < count && fds[i] >= 0; i++) {
		if (i == TAP_QUEUES_MAX || !queue_check(fds[i], &r) ||
		    (i > 0 && strncmp(r.ifr_name, t->name, IFNAMSIZ) != 0))
			return err_set(e, EINVAL, "what came are not queues "
			    "of one TAP device with headers");
		memcpy(t->name, r.ifr_name, sizeof(t->name));
		t->name[sizeof(t->name) - 1] = '\0';
		t->count = i + 1;
	}
	if (t->count == 0)
		return err_set(e, EPROTO, "no device came with the request");
	t->mtu = mtu;
	for (unsigned i = 0; i < t->count; i++)
		t->fds[i] = take_fd(&fds[i]);
	return 0;
}

bool
tap_send(const struct tap *t, unsigned queue, const struct iovec *iov,
    int count)
{
	int fd = t->fds[queue % t->count];

	/* A short frame lies in one piece, which costs the kernel less. */
	if (count == 1)
		return write(fd, iov->iov_base, iov->iov_len) > 0;
	return writev(fd, iov, count) > 0;
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
