#!/usr/bin/env bash
# with_display.sh PROGRAM PICTURES: runs PROGRAM on a virtual display. 77 (skipped) where there is no Xvfb or xdotool.
set -euo pipefail
command -v Xvfb >/dev/null && command -v xdotool >/dev/null || { echo "Xvfb or xdotool is missing"; exit 77; }
program=$1
export RINGSIDE_PICTURES=$2
mkdir -p "$RINGSIDE_PICTURES"
# Xvfb chooses a free display and says which. Without -noreset it would begin anew whenever a window closes, and refuse who comes meanwhile.
coproc XVFB { exec Xvfb -noreset -displayfd 1 -screen 0 1920x1200x24 -nolisten tcp 2>/dev/null; }
trap 'kill $XVFB_PID 2>/dev/null || true' EXIT
read -r -t 30 number <&"${XVFB[0]}"
export DISPLAY=:$number SDL_VIDEODRIVER=x11 SDL_RENDER_DRIVER=software
shift 2
"$program" "$@"
