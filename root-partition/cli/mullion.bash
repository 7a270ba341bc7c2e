# SPDX-License-Identifier: Apache-2.0
# Completion of mullion's commands, options and partitions for bash. A unit
# test compares it with the table of commands.

_mullion_names() {
	local file

	for file in /etc/mullion/partitions/*.conf; do
		[ -e "$file" ] || continue
		file=${file##*/}
		printf '%s\n' "${file%.conf}"
	done
}

# The options of a command of one or two words, beside --help and --root.
_mullion_options() {
	case $* in
	list | info | stats | version | 'disk list' | 'channel list' | \
		'network list')
		echo --json
		;;
	'network set') echo --link ;;
	'disk resize') echo --size ;;
	'disk create') echo --size --from --format ;;
	'disk seed') echo --from ;;
	create)
		echo --cpus --memory --memory-min --memory-max --kernel \
			--initrd --cmdline --console --start-at-boot \
			--integration --sockets --keyboard --disk --network \
			--channel
		;;
	start) echo --attach ;;
	set) echo --memory ;;
	log) echo --follow --lines ;;
	stop) echo --timeout ;;
	copy) echo --overwrite --parents ;;
	freeze) echo --seconds ;;
	delete) echo --force ;;
	esac
}

_mullion_commands="list create start console connect info log stats pause
	resume stop restart kill copy freeze thaw send-key set channel disk
	network edit delete version help"
_mullion_channel_commands="list"
_mullion_disk_commands="list attach detach resize create seed"
_mullion_network_commands="list attach detach set"

_mullion() {
	local word=${COMP_WORDS[COMP_CWORD]}
	local previous=${COMP_WORDS[COMP_CWORD - 1]}
	local command=${COMP_WORDS[1]}
	local choices

	COMPREPLY=()
	if [ "$COMP_CWORD" -eq 1 ]; then
		choices=$_mullion_commands
	elif [ "$command" = channel ] && [ "$COMP_CWORD" -eq 2 ]; then
		choices=$_mullion_channel_commands
	elif [ "$command" = disk ] && [ "$COMP_CWORD" -eq 2 ]; then
		choices=$_mullion_disk_commands
	elif [ "$command" = network ] && [ "$COMP_CWORD" -eq 2 ]; then
		choices=$_mullion_network_commands
	else
		case $previous in
		--kernel | --initrd | --disk | --from | -k | -i | -d | --root)
			compopt -o filenames
			mapfile -t COMPREPLY < <(compgen -f -- "$word")
			return
			;;
		--console) choices="serial none" ;;
		--integration | --sockets | --keyboard) choices="yes no" ;;
		--memory | --memory-min | --memory-max | -m) choices="256M 512M 1G 2G" ;;
		--network) choices="default" ;;
		--link) choices="up down" ;;
		--format) choices="raw qcow2" ;;
		--size | --cpus | -c | --cmdline | --timeout | --lines | -n | -t | \
			--seconds | -s | --channel)
			return
			;;
		*)
			case $word in
			-*)
				case $command in
				channel | disk | network)
					command="$command ${COMP_WORDS[2]}"
					;;
				esac
				choices="$(_mullion_options "$command")
					--help --root"
				;;
			*)
				if [ "$command" = copy ]; then
					_mullion_copy "$word"
					return
				fi
				if _mullion_wants_file; then
					compopt -o filenames
					mapfile -t COMPREPLY < <(compgen -f \
						-- "$word")
					return
				fi
				if [ "$command" = network ] &&
				    [ "$COMP_CWORD" -eq 4 ]; then
					choices=$(_mullion_network_word)
				else
					choices=$(_mullion_choices "$command")
				fi
				;;
			esac
			;;
		esac
	fi
	mapfile -t COMPREPLY < <(compgen -W "$choices" -- "$word")
}

# Whether the word is the file of disk create, disk seed or disk attach.
_mullion_wants_file() {
	case ${COMP_WORDS[1]}-${COMP_WORDS[2]}-$COMP_CWORD in
	disk-create-3 | disk-seed-3 | disk-attach-4) return 0 ;;
	*) return 1 ;;
	esac
}

# What follows the partition in a command about its adapters.
_mullion_network_word() {
	case ${COMP_WORDS[2]} in
	attach) echo default ;;
	detach | set)
		mullion network list "${COMP_WORDS[3]}" 2> /dev/null |
			awk 'NR > 1 { print $1 }'
		;;
	esac
}

# A file of ours, or a partition and a colon, to complete word $1.
_mullion_copy() {
	local names

	compopt -o filenames
	names=$(_mullion_names)
	mapfile -t COMPREPLY < <(compgen -f -- "$1"
		compgen -S : -W "$names" -- "$1")
	[[ ${COMPREPLY[0]-} != *: ]] || compopt -o nospace
}

# The words, but options, that may follow command $1.
_mullion_choices() {
	case $1 in
	help) echo "$_mullion_commands" ;;
	list | version | create) ;;
	*) _mullion_names ;;
	esac
}

complete -F _mullion mullion
