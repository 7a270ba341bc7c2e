/* SPDX-License-Identifier: Apache-2.0 */
/* State that neither vendor's block holds: FPU, XCR0, DR0..3, TSC_AUX. */
#include "core/assert.h"
#include "core/string.h"
#include "core/vp.h"
#include "x86/cpu.h"
#include "x86/fpu.h"

/* x87, SSE, AVX, AVX-512, PKRU: 2696 bytes at most, so a page holds them. */
#define XCR0_MASK	UINT64_C(0x2e7)
#define XCR0_X87	UINT64_C(1)
#define XCR0_SSE	UINT64_C(2)
#define XCR0_AVX	UINT64_C(4)
#define XCR0_AVX512	UINT64_C(0xe0)

/* The first two 16 bytes are laid out as the TLFS's control registers are. */
#define AREA_FCW	0
#define AREA_FDP	16
#define AREA_MXCSR	24
#define AREA_ST		32
#define AREA_XMM	160
#define AREA_XSTATE_BV	512
#define AREA_LEGACY	576u
#define XMM_COUNT	16u

#define FCW_RESET	0x40u
#define MXCSR_RESET	0x1f80u
#define MXCSR_MASK	0xffffu

#define LEAF_XSAVE	0xdu
#define EXT1_RDTSCP	(1u << 27)

static struct {
	uint64_t components;
	uint32_t size;
	bool tsc_aux;
} fpu;

void
fpu_init(void)
{
	struct cpuid_result c = cpuid(LEAF_XSAVE, 0);

	fpu.components = c.eax & XCR0_MASK;
	fpu.size = AREA_LEGACY;
	for (uint32_t i = 2; i < 63; i++) {
		if ((fpu.components >> i & 1) == 0)
			continue;
		c = cpuid(LEAF_XSAVE, i);
		fpu.size = MAX(fpu.size, c.eax + c.ebx);
	}
	ASSERT(fpu.size <= PAGE_SIZE);
	fpu.tsc_aux = (cpuid(0x80000001, 0).edx & EXT1_RDTSCP) != 0;
}

void
fpu_enable(void)
{
	__asm__ volatile("mov %0, %%cr4" :: "r"(read_cr4() | CR4_OSXSAVE));
	__asm__ volatile("clts");
	xsetbv(fpu.components);
}

bool
fpu_xcr0_valid(uint64_t value)
{
	uint64_t avx512 = value & XCR0_AVX512;

	if ((value & ~fpu.components) != 0 || (value & XCR0_X87) == 0)
		return false;
	if ((value & XCR0_AVX) != 0 && (value & XCR0_SSE) == 0)
		return false;
	return avx512 == 0 ||
	    (avx512 == XCR0_AVX512 && (value & XCR0_AVX) != 0);
}

uint64_t
fpu_components(void)
{
	return fpu.components;
}

uint32_t
fpu_area_size(void)
{
	return fpu.size;
}

void
fpu_reset(void *area)
{
	uint8_t *bytes = area;
	uint64_t bv = XCR0_X87;
	uint32_t mxcsr = MXCSR_RESET;
	uint16_t fcw = FCW_RESET;

	memset(area, 0, PAGE_SIZE);
	memcpy(bytes + AREA_FCW, &fcw, sizeof(fcw));
	memcpy(bytes + AREA_MXCSR, &mxcsr, sizeof(mxcsr));
	memcpy(bytes + AREA_XSTATE_BV, &bv, sizeof(bv));
}

static void
debug_load(const uint64_t dr[4])
{
	__asm__ volatile("mov %0, %%dr0" :: "r"(dr[0]));
	__asm__ volatile("mov %0, %%dr1" :: "r"(dr[1]));
	__asm__ volatile("mov %0, %%dr2" :: "r"(dr[2]));
	__asm__ volatile("mov %0, %%dr3" :: "r"(dr[3]));
}

static void
debug_save(uint64_t dr[4])
{
	__asm__ volatile("mov %%dr0, %0" : "=r"(dr[0]));
	__asm__ volatile("mov %%dr1, %0" : "=r"(dr[1]));
	__asm__ volatile("mov %%dr2, %0" : "=r"(dr[2]));
	__asm__ volatile("mov %%dr3, %0" : "=r"(dr[3]));
}

void
fpu_load(struct vp *vp)
{
	__asm__ volatile("xrstor64 (%0)" :: "r"(vp->fpu),
	    "a"((uint32_t)fpu.components), "d"(0) : "memory");
	if (vp->xcr0 != fpu.components)
		xsetbv(vp->xcr0);
	debug_load(vp->dr);
	if (fpu.tsc_aux)
		wrmsr(MSR_TSC_AUX, vp->msr.tsc_aux);
}

/* Leaves every component enabled, as the next load wants it. */
void
fpu_save(struct vp *vp)
{
	if (vp->xcr0 != fpu.components)
		xsetbv(fpu.components);
	__asm__ volatile("xsave64 (%0)" :: "r"(vp->fpu),
	    "a"((uint32_t)fpu.components), "d"(0) : "memory");
	debug_save(vp->dr);
	if (fpu.tsc_aux)
		vp->msr.tsc_aux = rdmsr(MSR_TSC_AUX);
}

void
fpu_xmm_live(struct hv_u128 xmm[6])
{
	__asm__ volatile(
	    "movups %%xmm0, 0(%0); movups %%xmm1, 16(%0)\n\t"
	    "movups %%xmm2, 32(%0); movups %%xmm3, 48(%0)\n\t"
	    "movups %%xmm4, 64(%0); movups %%xmm5, 80(%0)"
	    :: "r"(xmm) : "memory");
}

/*
 * From now on the components @used of @area count. One that was in its initial
 * state may have held anything, which matters for the XMM registers.
 */
static void
fpu_use(uint8_t *area, uint64_t used)
{
	uint64_t bv;

	memcpy(&bv, area + AREA_XSTATE_BV, sizeof(bv));
	if ((used & ~bv & XCR0_SSE) != 0)
		memset(area + AREA_XMM, 0, XMM_COUNT * 16);
	bv |= used;
	memcpy(area + AREA_XSTATE_BV, &bv, sizeof(bv));
}

void
fpu_xmm_set(void *area, uint32_t index, const struct hv_u128 *value)
{
	fpu_use(area, XCR0_SSE);
	memcpy((uint8_t *)area + AREA_XMM + index * sizeof(*value), value,
	    sizeof(*value));
}

static void
fpu_xmm_get(const uint8_t *area, uint32_t index, struct hv_u128 *value)
{
	uint64_t bv;

	memcpy(&bv, area + AREA_XSTATE_BV, sizeof(bv));
	if ((bv & XCR0_SSE) == 0)
		*value = (struct hv_u128){ 0, 0 };
	else
		memcpy(value, area + AREA_XMM + index * 16, sizeof(*value));
}

static bool
fpu_is_xmm(uint32_t name)
{
	return name - HV_REGISTER_XMM0 <= HV_REGISTER_XMM15 - HV_REGISTER_XMM0;
}

/* Where the FXSAVE layout has ST(i), which MMi is a part of. */
static size_t
fpu_st_offset(uint32_t name)
{
	return AREA_ST + (name - HV_REGISTER_FP_MMX0) * 16;
}

static bool
fpu_is_st(uint32_t name)
{
	return name - HV_REGISTER_FP_MMX0 <=
	    HV_REGISTER_FP_MMX7 - HV_REGISTER_FP_MMX0;
}

bool
fpu_register_get(const void *area, uint32_t name,
    union hv_register_value *value)
{
	const uint8_t *a = area;
	struct hv_xmm_control_status *xmm = &value->xmm_control_status;

	if (fpu_is_xmm(name)) {
		fpu_xmm_get(a, name - HV_REGISTER_XMM0, &value->reg128);
	} else if (fpu_is_st(name)) {
		memcpy(&value->reg128, a + fpu_st_offset(name), 16);
	} else if (name == HV_REGISTER_FP_CONTROL_STATUS) {
		memcpy(&value->fp_control_status, a + AREA_FCW, 16);
	} else if (name == HV_REGISTER_XMM_CONTROL_STATUS) {
		memcpy(xmm, a + AREA_FDP, 12);
		xmm->xmm_status_control_mask = MXCSR_MASK;
	} else {
		return false;
	}
	return true;
}

bool
fpu_register_set(void *area, uint32_t name,
    const union hv_register_value *value)
{
	uint8_t *a = area;
	struct hv_xmm_control_status xmm = value->xmm_control_status;

	if (fpu_is_xmm(name)) {
		fpu_xmm_set(area, name - HV_REGISTER_XMM0, &value->reg128);
	} else if (fpu_is_st(name)) {
		memcpy(a + fpu_st_offset(name), &value->reg128, 10);
		fpu_use(a, XCR0_X87);
	} else if (name == HV_REGISTER_FP_CONTROL_STATUS) {
		memcpy(a + AREA_FCW, &value->fp_control_status, 16);
		fpu_use(a, XCR0_X87);
	} else if (name == HV_REGISTER_XMM_CONTROL_STATUS) {
		xmm.xmm_status_control &= MXCSR_MASK;
		memcpy(a + AREA_FDP, &xmm, 12);
	} else {
		return false;
	}
	return true;
}

/* What XRSTOR would refuse with #GP is refused here. */
bool
fpu_restore(void *area, const void *from)
{
	static const uint8_t zeros[48];
	uint8_t copy[PAGE_SIZE] __attribute__((aligned(64)));
	uint64_t bv;
	uint32_t mxcsr;

	memcpy(copy, from, sizeof(copy));
	memcpy(&bv, copy + AREA_XSTATE_BV, sizeof(bv));
	memcpy(&mxcsr, copy + AREA_MXCSR, sizeof(mxcsr));
	if ((bv & ~fpu.components) != 0 || (mxcsr & ~MXCSR_MASK) != 0 ||
	    memcmp(copy + AREA_XSTATE_BV + 8, zeros, sizeof(zeros)) != 0)
		return false;
	memcpy(area, copy, sizeof(copy));
	return true;
}
