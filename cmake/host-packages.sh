# SPDX-License-Identifier: Apache-2.0
# Shell functions: what the build machine needs, from Debian.

packages_build="
	binutils ca-certificates cmake debian-archive-keyring gcc git libc6-dev
	libjson-c-dev libseccomp-dev libsystemd-dev liburing-dev ninja-build
	pkg-config"
packages_kernel="
	bc bison cpio flex kmod libelf-dev libssl-dev make xz-utils zstd"
packages_image="
	e2fsprogs fdisk grub-common grub-efi-amd64-bin grub-pc-bin mmdebstrap mtools
	ovmf squashfs-tools xorriso"
packages_test="libcriterion-dev python3 python3-pexpect"

host_check() {
	[ "$(uname -m)" = x86_64 ] ||
		archive_die "an x86-64 machine is needed, not $(uname -m)"
	[ -f /etc/os-release ] && . /etc/os-release
	case ${ID-}-${VERSION_ID-} in
	debian-12 | debian-13) ;;
	*) archive_die "this runs on Debian 12 or 13, and this machine has" \
	    "${PRETTY_NAME:-an unknown system}" ;;
	esac
}

# Those of the arguments that are not installed.
packages_missing() {
	for package; do
		dpkg-query -W -f '${db:Status-Status}\n' "$package" \
		    2>/dev/null | grep -qx installed || echo "$package"
	done
}

# SVM with nested paging is emulated well enough from QEMU 10 on.
qemu_is_new() {
	major=$(qemu-system-x86_64 --version 2>/dev/null |
	    sed -n 's/^QEMU emulator version \([0-9]*\).*/\1/p')
	[ "${major:-0}" -ge 10 ]
}

# packages_install PACKAGE...: install what is missing, and a QEMU that is new
# enough. Installed packages are all that changes on the system.
packages_install() {
	missing=$(packages_missing "$@")
	qemu_is_new || missing="$missing qemu-system-x86"
	[ -n "$missing" ] || return 0
	[ "$(id -u)" = 0 ] ||
		archive_die "packages are missing; run this as root, or" \
		    "install:" $missing
	echo "installing:" $missing
	(
		archive_use_host
		target=
		qemu_is_new || [ "$VERSION_CODENAME" != bookworm ] ||
			target="-t bookworm-backports"
		DEBIAN_FRONTEND=noninteractive apt-get -qq -y \
		    -o Dpkg::Use-Pty=0 --no-install-recommends \
		    install $target $missing > "$mullion_cache/install.log" \
		    2>&1 || {
			tail -n 20 "$mullion_cache/install.log" >&2
			archive_die "cannot install packages"
		}
	)
}
