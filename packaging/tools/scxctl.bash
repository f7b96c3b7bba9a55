# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Completion of scxctl for bash.

_scxctl() {
	local cur=${COMP_WORDS[COMP_CWORD]} command='' word
	for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
		[[ $word != -- ]] || return 0
		[[ $word == -* || -n $command ]] || command=$word
	done
	case $command:$cur in
	:-*) mapfile -t COMPREPLY < <(compgen -W '--help --version --schedulers' -- "$cur") ;;
	:*) mapfile -t COMPREPLY < <(compgen -W 'list status start stop run log dump doctor' -- "$cur") ;;
	list:* | status:* | doctor:*) mapfile -t COMPREPLY < <(compgen -W '--json --help' -- "$cur") ;;
	log:*) mapfile -t COMPREPLY < <(compgen -W '--lines --follow --help' -- "$cur") ;;
	start:-* | run:-* | stop:* | dump:*) mapfile -t COMPREPLY < <(compgen -W '--help' -- "$cur") ;;
	start:* | run:*)
		mapfile -t COMPREPLY < <(compgen -W "$(scxctl list 2>/dev/null | sed 's/^..//; s/ .*//')" -- "$cur")
		;;
	esac
}
complete -F _scxctl scxctl
