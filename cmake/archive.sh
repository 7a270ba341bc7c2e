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

# The URI of the Debian archive proper (not its security or other ones).
# `apt-get indextargets` reads deb822 and one-line sources alike.
archive_uri() {
	. /etc/os-release
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

# Write the private configuration, and make it apt's for what follows.
# Its lists are fetched at most once a day.
archive_use() {
	root=$mullion_cache/apt
	mkdir -p "$root/lists/partial" "$root/cache/archives/partial"
	. /etc/os-release
	suites="$VERSION_CODENAME trixie trixie-backports"
	[ "$VERSION_CODENAME" != bookworm ] ||
		suites="$suites bookworm-backports"
	[ "$VERSION_CODENAME" != trixie ] || suites="trixie trixie-backports"
	uri=$(archive_uri) || exit 1
	cat > "$root/new.sources" <<-EOF
	Types: deb
	URIs: $uri
	Suites: $suites
	Components: main
	Signed-By: $archive_keyring
	EOF
	cat > "$root/apt.conf" <<-EOF
	Dir::Etc::sourcelist "$root/mullion.sources";
	Dir::Etc::sourceparts "-";
	Dir::State::lists "$root/lists";
	Dir::Cache "$root/cache";
	APT::Sandbox::User "root";
	APT::Default-Release "$VERSION_CODENAME";
	Acquire::Languages "none";
	Acquire::Retries "3";
	EOF
	if ! cmp -s "$root/new.sources" "$root/mullion.sources" ||
	    [ -z "$(find "$root/fetched" -mtime -1 2>/dev/null)" ]; then
		mv "$root/new.sources" "$root/mullion.sources"
		APT_CONFIG=$root/apt.conf apt-get -qq update ||
			archive_die "cannot fetch package lists from $uri"
		touch "$root/fetched"
	fi
	APT_CONFIG=$root/apt.conf
	export APT_CONFIG
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
