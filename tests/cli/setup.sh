#!/bin/sh
# Installs systemd-analyze, which the tests of the units ask, where there is apt and the right to use it. Elsewhere the
# tests say NOT CHECKED and the rest runs.
command -v systemd-analyze >/dev/null && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends systemd && exit 0
fi
echo "********************************************************************************" >&2
echo "  systemd-analyze is not there: tests/cli/test_install_service.py WILL NOT VERIFY THE UNITS." >&2
echo "********************************************************************************" >&2
