#!/usr/bin/env bash
# window_pictures.sh BUILD: makes the pictures in docs/ from the window's tour, on a virtual display.
# Needs Xvfb, xdotool and Python, and test_window built in BUILD.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
build=${1:?usage: window_pictures.sh BUILD}
pictures=$(mktemp -d)
trap 'rm -rf "$pictures"' EXIT
"$root/tests/gui/with_display.sh" "$build/test_window" "$pictures" \
  --gtest_filter='Window.From*:Window.EveryPanel*:Window.WalkAPage:Window.TravelToAFault*'
mkdir -p "$root/docs"
for name in boot-1-first-instruction boot-5-ring-3 boot-6-ready layout-Devices page-walk fault-explained; do
  "$root/scripts/shrink_png.py" "$pictures/$name.png" "$root/docs/$name.png"
done
ls -l "$root/docs"
