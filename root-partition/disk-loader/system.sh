# SPDX-License-Identifier: Apache-2.0
# Shell functions: which kernel a mounted system wants to be started with, and
# how. They only read files, so that tests run them on folders.

# system_file ROOT PATH: the path inside ROOT that PATH, maybe a symbolic link,
# means there; fails when there is no such file.
system_file() {
	found=$2
	for hop in 1 2 3 4 5 6 7 8; do
		[ -L "$1$found" ] || break
		to=$(readlink "$1$found")
		case $to in
		/*) found=$to ;;
		*) found=${found%/*}/$to ;;
		esac
	done
	[ -f "$1$found" ] && [ ! -L "$1$found" ] && [ -s "$1$found" ] &&
		echo "$found"
}

# system_name ROOT: what the system calls itself; fails when there is none.
system_name() {
	for file in /etc/os-release /usr/lib/os-release; do
		release=$(system_file "$1" $file) || continue
		(
			unset PRETTY_NAME NAME
			. "$1$release" 2> /dev/null
			echo "${PRETTY_NAME:-${NAME:-an unknown system}}"
		)
		return 0
	done
	return 1
}

# system_fstab ROOT FOLDER: the device that /etc/fstab mounts there.
system_fstab() {
	awk -v folder="$2" '$1 !~ /^#/ && $2 == folder { print $1; exit }' \
	    "$1/etc/fstab" 2> /dev/null
}

# entry_value FILE KEY: all values of a key of a Boot Loader Specification
# entry, on one line.
entry_value() {
	awk -v key="$2" '$1 == key { $1 = ""; sub(/^ */, ""); print }' "$1" |
	    tr '\n' ' ' | sed 's/ *$//'
}

# entry_file ROOT BOOT PATH: paths in entries begin at the file system that has
# the entries.
entry_file() {
	system_file "$1" "$2$3" || system_file "$1" "$3"
}

# The newest entry of the Boot Loader Specification that has its files.
# Sets kernel, initrd and options.
system_entry() {
	for boot in /boot /efi /boot/efi; do
		newest=$(for file in "$1$boot/loader/entries/"*.conf; do
			[ -f "$file" ] || continue
			name=${file##*/}
			echo "$(entry_value "$file" version)-${name%.conf} $file"
		done | sort -V | tail -n 1)
		[ -n "$newest" ] || continue
		newest=${newest#* }
		kernel=$(entry_file "$1" $boot \
		    "$(entry_value "$newest" linux)") || continue
		initrd=
		for path in $(entry_value "$newest" initrd); do
			initrd="$initrd $(entry_file "$1" $boot "$path")"
		done
		initrd=${initrd# }
		# Words like $tuned_params are for GRUB.
		options=$(entry_value "$newest" options | tr ' ' '\n' |
		    grep -v '^\$' | tr '\n' ' ' | sed 's/ *$//')
		return 0
	done
	return 1
}

# The initramfs that belongs to the kernel of a version, if there is one.
system_initrd() {
	for path in "/boot/initrd.img-$2" "/boot/initramfs-$2.img" \
	    "/boot/initrd-$2"; do
		system_file "$1" "$path" && return
	done
	return 1
}

# The links that Debian keeps, then those in /boot, then the newest kernel.
# Sets kernel and initrd.
system_links() {
	for folder in / /boot/; do
		kernel=$(system_file "$1" ${folder}vmlinuz) || continue
		initrd=$(system_file "$1" ${folder}initrd.img) ||
			initrd=$(system_initrd "$1" "${kernel##*/vmlinuz-}")
		return 0
	done
	newest=$(cd "$1/boot" 2> /dev/null && ls | grep '^vmlinuz-' |
	    grep -v rescue | sort -V | tail -n 1)
	[ -n "$newest" ] || return 1
	kernel=$(system_file "$1" "/boot/$newest") || return 1
	initrd=$(system_initrd "$1" "${newest#vmlinuz-}")
	return 0
}

# The command line that the system's own settings say.
system_options() {
	if [ -s "$1/etc/kernel/cmdline" ]; then
		grep -v '^#' "$1/etc/kernel/cmdline" | tr '\n' ' ' |
		    sed 's/ *$//'
		return
	fi
	(
		for file in "$1/etc/default/grub" "$1"/etc/default/grub.d/*.cfg
		do
			[ ! -f "$file" ] || . "$file" > /dev/null 2>&1
		done
		echo "${GRUB_CMDLINE_LINUX-} ${GRUB_CMDLINE_LINUX_DEFAULT-}" |
		    sed 's/^ *//; s/ *$//'
	)
}

# system_choose ROOT: sets kernel, initrd (maybe empty) and options.
system_choose() {
	kernel= initrd= options=
	system_entry "$1" || system_links "$1" || return 1
	[ -n "$options" ] || options=$(system_options "$1")
	return 0
}

has_word() {
	case " $1 " in *" $2"*) return 0 ;; esac
	return 1
}

# system_cmdline OPTIONS DEVICE SUBVOLUME MORE: the whole command line. The
# partition's own words come last, so that they prevail.
system_cmdline() {
	line=$1
	has_word "$line" root= || line="root=$2 ro $line"
	[ -z "$3" ] || has_word "$line" rootflags= ||
		line="$line rootflags=subvol=$3"
	line="$line $4"
	has_word "$line" console= || line="$line console=ttyS0"
	echo "$line" | sed 's/  */ /g; s/^ //; s/ $//'
}
