# SPDX-License-Identifier: Apache-2.0
# Shell functions: packages of other Debian suites, through an apt root of our
# own under the cache folder. The archive is the one that the user's apt uses;
# nothing of the user's apt configuration or lists is changed.

mullion_cache=${XDG_CACHE_HOME:-$HOME/.cache}/mullion
archive_keyring=/usr/share/keyrings/debian-archive-keyring.gpg

archive_die() {
	echo "error: $*" >&2
	exit 1
}

# archive_configure NAME SOURCES-LIST SOURCES-PARTS: make a private
# configuration apt's for what follows, with lists of its own, which are
# fetched when the sources change and otherwise at most once a day.
archive_configure() {
	root=$mullion_cache/apt/$1
	mkdir -p "$root/lists/partial" "$root/cache/archives/partial"
	cat > "$root/apt.conf" <<-EOF
	Dir::Etc::sourcelist "$2";
	Dir::Etc::sourceparts "$3";
	Dir::State::lists "$root/lists";
	Dir::Cache "$root/cache";
	APT::Sandbox::User "root";
	Acquire::Languages "none";
	Acquire::Retries "3";
	EOF
	APT_CONFIG=$root/apt.conf
	export APT_CONFIG
	sources=$(cat "$2" "$3"/* 2>/dev/null | sha256sum)
	if [ "$sources" != "$(cat "$root/fetched" 2>/dev/null)" ] ||
	    [ -z "$(find "$root/fetched" -mtime -1)" ]; then
		apt-get -qq update || echo "warning: apt could not fetch every" \
		    "list of packages" >&2
		echo "$sources" > "$root/fetched"
	fi
}

# archive_stanza FILE URI SUITE...
archive_stanza() {
	file=$1
	uri=$2
	shift 2
	cat > "$file" <<-EOF
	Types: deb
	URIs: $uri
	Suites: $*
	Components: main
	Signed-By: $archive_keyring
	EOF
}

# The user's own sources, with lists of ours: the user may have none yet.
archive_use_user() {
	unset APT_CONFIG
	. /etc/os-release
	eval "$(apt-config shell etc_list Dir::Etc::sourcelist/f \
	    etc_parts Dir::Etc::sourceparts/d)"
	mkdir -p "$mullion_cache/apt/user"
	archive_configure user "$etc_list" "$etc_parts"
}

# The URI of the Debian archive proper (not its security or other ones).
# `apt-get indextargets` reads deb822 and one-line sources alike, and tells of
# those with lists.
archive_uri() {
	archive_use_user
	uri=$(apt-get indextargets \
	    --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' \
	    'Created-By: Packages' |
	    awk -v suite="$VERSION_CODENAME" '
		$1 ~ /security/ || $3 != "main" { next }
		$2 == suite || $2 == "stable" || $2 == "oldstable" ||
		    $2 == "oldoldstable" { print $1; exit }')
	[ -n "$uri" ] || archive_die "apt has no source of Debian" \
	    "'$VERSION_CODENAME main' from which to learn the archive's" \
	    "address; add one to /etc/apt/sources.list.d"
	echo "$uri"
}

# The suites that the image and the kernels come from, and nothing else.
archive_use() {
	uri=$(archive_uri) || exit 1
	mkdir -p "$mullion_cache/apt/suites"
	list=$mullion_cache/apt/suites/mullion.sources
	archive_stanza "$list" "$uri" trixie trixie-backports
	archive_configure suites "$list" -
}

# What packages for this machine come from: the user's sources and, on Debian
# 12, its backports.
archive_use_host() {
	archive_use_user
	if [ "$VERSION_CODENAME" != bookworm ] ||
	    apt-get indextargets --format '$(RELEASE)' |
		    grep -qx bookworm-backports; then
		return
	fi
	uri=$(archive_uri) || exit 1
	parts=$mullion_cache/apt/host/parts
	rm -rf "$parts"
	mkdir -p "$parts"
	for source in "$etc_parts"/*.list "$etc_parts"/*.sources; do
		[ ! -f "$source" ] || ln -s "$source" "$parts/"
	done
	archive_stanza "$parts/mullion.sources" "$uri" bookworm-backports
	archive_configure host "$etc_list" "$parts"
}

# archive_version PACKAGE SUITE: the newest version that the suite has.
archive_version() {
	apt-cache madison "$1" |
	    awk -F'|' -v suite="$2/main" 'index($3, suite) {
		gsub(/ /, "", $2); print $2; exit }'
}

# archive_fetch PACKAGE VERSION DIRECTORY: put the .deb into the directory,
# which holds nothing else, and print its path.
archive_fetch() {
	mkdir -p "$3"
	(cd "$3" && apt-get -qq download "$1=$2" >&2) ||
		archive_die "cannot fetch package $1, version $2"
	echo "$3"/*.deb
}

# Settings of the user's apt that reach the archive: proxies, above all.
archive_acquire_settings() {
	apt-config dump --format '%F "%v";%n' |
	    grep -E '^Acquire::(http|https|ftp)(::|.*Proxy)' || :
}

# archive_keep NAME HASH FUNCTION: the function fills the folder that gets
# cached; $kept is its path.
archive_keep() {
	kept=$mullion_cache/$1-$2
	[ -d "$kept" ] || {
		"$3" "$kept.new"
		mv -T "$kept.new" "$kept"
	}
}

# A short name for what is on standard input.
archive_hash() {
	sha256sum | cut -c1-16
}
