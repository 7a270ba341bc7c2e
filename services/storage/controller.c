/* SPDX-License-Identifier: Apache-2.0 */
/* The storage protocol: initialization, resets, disks that come and go. */
#include "storage/controller.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "storage/srb.h"

#define PRIMARY 0

void
controller_init(struct controller *c, const struct controller_ops *ops,
    void *ctx, unsigned max_sub_channels)
{
	memset(c, 0, sizeof(*c));
	c->ops = ops;
	c->ctx = ctx;
	c->max_sub_channels = max_sub_channels;
}

void
controller_release(struct controller *c)
{
	for (unsigned i = 0; i < CONTROLLER_LUNS; i++) {
		if (c->luns[i] != NULL)
			srb_free_disk(c->luns[i]);
		c->luns[i] = NULL;
	}
}

static void
session_set(struct controller *c, enum controller_phase phase,
    unsigned sub_channels)
{
	c->session = (struct controller_session){ .phase = phase,
		.sub_channels = sub_channels };
	c->ops->remember(c->ctx, &c->session);
}

static void
backend_renew(struct backend *b)
{
	if (b->ops->renew != NULL)
		b->ops->renew(b);
}

void
controller_open(struct controller *c, unsigned channel)
{
	c->channels[channel] = (struct controller_channel){ .open = true };
	if (channel != PRIMARY)
		return;
	session_set(c, CONTROLLER_OPENED, 0);
	for (unsigned i = 0; i < CONTROLLER_LUNS; i++)
		if (c->luns[i] != NULL)
			backend_renew(c->luns[i]->is.backend);
}

int
controller_resume(struct controller *c, const struct controller_session *s)
{
	if (s->phase < CONTROLLER_OPENED || s->phase > CONTROLLER_READY ||
	    s->sub_channels > c->max_sub_channels)
		return -1;
	c->channels[PRIMARY] = (struct controller_channel){ .open = true };
	session_set(c, s->phase, s->sub_channels);
	/* The guest knows the units, and what is in them. */
	for (unsigned i = 0; i < CONTROLLER_LUNS; i++)
		if (c->luns[i] != NULL)
			c->luns[i]->attention = SCSI_ASC_NONE;
	return 0;
}

void
controller_close(struct controller *c, unsigned channel)
{
	struct controller_channel *ch = &c->channels[channel];

	ch->closing = true;
	ch->reset.waits = false;
	if (channel == PRIMARY)
		c->session.phase = CONTROLLER_CLOSED;
	srb_fail_held(c, channel, NULL);
	/* The last of them has called already if there was one. */
	if (ch->open)
		controller_settle(c, channel);
}

bool
controller_has_room(const struct controller *c, unsigned channel)
{
	return c->channels[channel].in_flight < CONTROLLER_IN_FLIGHT;
}

void
controller_answer(struct controller *c, unsigned channel, uint64_t id,
    struct vstor_packet *p, uint32_t status)
{
	if (c->channels[channel].closing)
		return;
	p->operation = VSTOR_COMPLETE_IO;
	p->flags = 0;
	p->status = status;
	c->ops->answer(c->ctx, channel, id, p);
}

void
controller_settle(struct controller *c, unsigned channel)
{
	struct controller_channel *ch = &c->channels[channel];

	if (ch->open && ch->closing && ch->in_flight == 0) {
		ch->open = false;
		c->ops->idle(c->ctx, channel);
	}
	if (c->in_flight > 0)
		return;
	for (unsigned i = 0; i < CONTROLLER_CHANNELS; i++) {
		struct controller_reset *reset = &c->channels[i].reset;

		if (!reset->waits)
			continue;
		reset->waits = false;
		controller_answer(c, i, reset->id, &reset->packet,
		    VSTOR_SUCCESS);
	}
}

/* One at a time on each channel is all that makes sense. */
static void
reset_begin(struct controller *c, const struct arrival *a,
    struct vstor_packet *p)
{
	struct controller_reset *reset = &c->channels[a->channel].reset;

	if (reset->waits) {
		controller_answer(c, a->channel, a->id, p,
		    (uint32_t)VSTOR_INVALID_STATE);
		return;
	}
	reset->waits = true;
	reset->id = a->id;
	reset->packet = *p;
	/* What waits for space would have it wait, too. */
	srb_fail_held(c, SRB_ANY_CHANNEL, NULL);
	if (reset->waits)
		controller_settle(c, a->channel);
}

static enum vstor_status
query_version(struct controller *c, const struct vstor_packet *p)
{
	if (p->version.version != VSTOR_VERSION_6_2 &&
	    p->version.version != VSTOR_VERSION_6_0)
		return VSTOR_REVISION_MISMATCH;
	session_set(c, CONTROLLER_VERSIONED, c->session.sub_channels);
	return VSTOR_SUCCESS;
}

static enum vstor_status
query_properties(const struct controller *c, struct vstor_packet *p)
{
	memset(p->body, 0, sizeof(p->body));
	p->properties.max_sub_channels = (uint16_t)c->max_sub_channels;
	p->properties.flags = c->max_sub_channels > 0 ? VSTOR_MULTI_CHANNEL : 0;
	p->properties.max_transfer_bytes = DISK_TRANSFER_MAX;
	return VSTOR_SUCCESS;
}

static enum vstor_status
create_sub_channels(struct controller *c, const struct vstor_packet *p)
{
	if (p->sub_channels > c->max_sub_channels)
		return VSTOR_INVALID_PARAMETER;
	session_set(c, c->session.phase, p->sub_channels);
	if (p->sub_channels > 0)
		c->ops->sub_channels(c->ctx, p->sub_channels);
	return VSTOR_SUCCESS;
}

/* Steps that only make sense after each other, on the primary channel. */
static enum vstor_status
initialize(struct controller *c, struct vstor_packet *p)
{
	static const enum controller_phase needed[] = {
		[VSTOR_BEGIN_INITIALIZATION] = CONTROLLER_OPENED,
		[VSTOR_END_INITIALIZATION] = CONTROLLER_VERSIONED,
		[VSTOR_QUERY_VERSION] = CONTROLLER_BEGUN,
		[VSTOR_QUERY_PROPERTIES] = CONTROLLER_VERSIONED,
		[VSTOR_CREATE_SUB_CHANNELS] = CONTROLLER_READY,
	};

	if (c->session.phase < needed[p->operation])
		return VSTOR_INVALID_STATE;
	switch ((enum vstor_operation)p->operation) {
	case VSTOR_BEGIN_INITIALIZATION:
		session_set(c, CONTROLLER_BEGUN, c->session.sub_channels);
		return VSTOR_SUCCESS;
	case VSTOR_END_INITIALIZATION:
		session_set(c, CONTROLLER_READY, c->session.sub_channels);
		return VSTOR_SUCCESS;
	case VSTOR_QUERY_VERSION:
		return query_version(c, p);
	case VSTOR_QUERY_PROPERTIES:
		return query_properties(c, p);
	default:
		return create_sub_channels(c, p);
	}
}

static void
initialize_or_refuse(struct controller *c, const struct arrival *a,
    struct vstor_packet *p)
{
	enum vstor_status status = VSTOR_INVALID_PARAMETER;

	if (a->channel == PRIMARY)
		status = initialize(c, p);
	controller_answer(c, a->channel, a->id, p, (uint32_t)status);
}

int
controller_receive(struct controller *c, const struct arrival *a)
{
	struct vstor_packet p;

	if (a->len < sizeof(p) || !c->channels[a->channel].open)
		return -1;
	memcpy(&p, a->payload, sizeof(p));
	switch (p.operation) {
	case VSTOR_EXECUTE_SRB:
		if (c->session.phase == CONTROLLER_READY)
			srb_begin(c, a, &p);
		else
			controller_answer(c, a->channel, a->id, &p,
			    (uint32_t)VSTOR_INVALID_STATE);
		return 0;
	case VSTOR_RESET_LUN:
	case VSTOR_RESET_ADAPTER:
	case VSTOR_RESET_BUS:
		reset_begin(c, a, &p);
		return 0;
	case VSTOR_BEGIN_INITIALIZATION:
	case VSTOR_END_INITIALIZATION:
	case VSTOR_QUERY_VERSION:
	case VSTOR_QUERY_PROPERTIES:
	case VSTOR_CREATE_SUB_CHANNELS:
		initialize_or_refuse(c, a, &p);
		return 0;
	default:
		controller_answer(c, a->channel, a->id, &p,
		    (uint32_t)VSTOR_INVALID_PARAMETER);
		return 0;
	}
}

/* A guest that is not ready yet looks at all units later anyhow. */
static void
announce(const struct controller *c, enum vstor_operation operation)
{
	struct vstor_packet p = { .operation = operation };

	if (c->session.phase == CONTROLLER_READY)
		c->ops->announce(c->ctx, &p);
}

static int
check_setup(const struct controller *c, const struct disk_setup *setup,
    unsigned lun, struct err *e)
{
	if (lun >= CONTROLLER_LUNS)
		return err_set(e, EINVAL, "LUN %u is not from 0 to %u", lun,
		    CONTROLLER_LUNS - 1);
	if (setup->backend->size < (setup->dvd ? DISK_DVD_BLOCK : DISK_BLOCK))
		return err_set(e, EINVAL, "smaller than one block");
	for (unsigned i = 0; i < CONTROLLER_LUNS; i++)
		if (c->luns[i] != NULL &&
		    strcmp(c->luns[i]->is.serial, setup->serial) == 0)
			return err_set(e, EEXIST,
			    "the id \"%s\" is that of LUN %u", setup->serial,
			    i);
	if (c->luns[lun] != NULL)
		return err_set(e, EEXIST, "there is a disk at LUN %u", lun);
	return 0;
}

int
controller_attach(struct controller *c, const struct disk_setup *setup,
    unsigned lun, struct err *e)
{
	struct disk *d;

	if (check_setup(c, setup, lun, e) < 0)
		return -1;
	d = malloc(sizeof(*d));
	if (d == NULL)
		return err_set(e, ENOMEM, "out of memory");
	disk_init(d, setup, (uint8_t)lun);
	c->luns[lun] = d;
	announce(c, VSTOR_ENUMERATE_BUS);
	return 0;
}

static struct disk *
disk_find(const struct controller *c, unsigned lun, struct err *e)
{
	if (lun < CONTROLLER_LUNS && c->luns[lun] != NULL)
		return c->luns[lun];
	err_set(e, ENOENT, "there is no disk at LUN %u", lun);
	return NULL;
}

int
controller_detach(struct controller *c, unsigned lun, struct err *e)
{
	struct disk *d = disk_find(c, lun, e);

	if (d == NULL)
		return -1;
	c->luns[lun] = NULL;
	/* Not before: ending the last request would free it. */
	srb_fail_held(c, SRB_ANY_CHANNEL, d);
	d->detached = true;
	if (d->in_flight == 0)
		srb_free_disk(d);
	announce(c, VSTOR_REMOVE_DEVICE);
	return 0;
}

int
controller_resize(struct controller *c, unsigned lun, uint64_t size,
    struct err *e)
{
	struct disk *d = disk_find(c, lun, e);

	if (d == NULL)
		return -1;
	if (size < d->block)
		return err_set(e, EINVAL, "smaller than one block");
	d->is.backend->size = size;
	disk_resized(d);
	announce(c, VSTOR_ENUMERATE_BUS);
	return 0;
}

unsigned
controller_free_lun(const struct controller *c, unsigned lun)
{
	while (lun < CONTROLLER_LUNS && c->luns[lun] != NULL)
		lun++;
	return lun;
}

bool
controller_is_held(const struct controller *c)
{
	return c->held != NULL;
}
