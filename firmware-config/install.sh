#!/bin/sh
# Makes a stock Raspberry Pi OS (Bookworm or later) a station. Run again, it changes nothing.
#
#   sudo ./install.sh --wheel warmstation-0.1.0-py3-none-any.whl
#   ./install.sh --root DIR --files-only        # an image's root, as image/layer does
#
# Does not touch /etc/warmstation/station.toml, ca.pem or anything in /var/lib/warmstation.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root='' wheel='' files_only='' changed=0

usage() {
  echo "usage: $0 [--root DIR] [--wheel FILE-OR-REQUIREMENT] [--files-only]" >&2
  exit 2
}

while [ $# -gt 0 ]; do
  case $1 in
    --root) [ $# -gt 1 ] || usage; root=${2%/}; shift 2 ;;
    --wheel) [ $# -gt 1 ] || usage; wheel=$2; shift 2 ;;
    --files-only) files_only=1; shift ;;
    *) usage ;;
  esac
done

fail() { echo "$1" >&2; exit 1; }
said() { changed=$((changed + 1)); echo "$1"; }

# A file that is there already, with the same content, keeps its time.
put() { # FROM TO
  [ -f "$2" ] && cmp -s "$1" "$2" && return 0
  mkdir -p "$(dirname "$2")"
  install -m 0644 "$1" "$2"
  said "wrote ${2#"$root"}"
}

files() {
  find "$here/system" -type f | LC_ALL=C sort | while read -r from; do
    to=$root${from#"$here/system"}
    [ -f "$to" ] && cmp -s "$from" "$to" && continue
    mkdir -p "$(dirname "$to")"
    install -m 0644 "$from" "$to"
    echo "wrote ${to#"$root"}"
  done
  put "$here/profiles/example.toml" "$root/etc/warmstation/station.toml.example"
}

# Pins and buses. [all] ends whatever section config.txt ended in.
boot() {
  at=$root/boot/firmware
  [ -f "$at/config.txt" ] || return 0
  put "$here/boot/warmstation.txt" "$at/warmstation.txt"
  grep -qx 'include warmstation.txt' "$at/config.txt" && return 0
  printf '\n[all]\ninclude warmstation.txt\n' >> "$at/config.txt"
  said "included warmstation.txt in config.txt: restart to have the buses"
}

is_installed() { dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q 'ok installed'; }

# Who sets the clock: a daemon that is there already, else timesyncd.
clock() {
  for one in chrony ntpsec; do
    if is_installed "$one"; then echo "$one"; return 0; fi
  done
  echo systemd-timesyncd
}

# The drivers of the pins are in Raspberry Pi's archive; elsewhere the agent says that it finds none.
packages() {
  missing=''
  for one in python3-venv nftables unattended-upgrades ca-certificates "$(clock)"; do
    is_installed "$one" || missing="$missing $one"
  done
  if [ -n "$missing" ] || ! find /var/lib/apt/lists -name '*_Packages*' | grep -q .; then
    apt-get update -qq
  fi
  for one in python3-lgpio python3-spidev; do
    is_installed "$one" && continue
    if apt-cache show "$one" >/dev/null 2>&1; then missing="$missing $one"; else
      echo "apt knows no $one: without it there are no pins" >&2
    fi
  done
  [ -n "$missing" ] || return 0
  # shellcheck disable=SC2086 # the names are words
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    -o Dpkg::Options::=--force-confold $missing >/dev/null
  said "installed$missing"
}

# Only timesyncd leaves a file that says so; of the others the agent asks the kernel.
asked_clock() {
  [ "$(clock)" = systemd-timesyncd ] && return 0
  put "$here/clock/warmstation-clock.conf" \
    "$root/etc/systemd/system/warmstation-agent.service.d/warmstation-clock.conf"
}

# The agent, in an environment of its own that sees the system's lgpio and spidev.
agent() {
  [ -n "$wheel" ] || fail "name the agent with --wheel: a file, or warmstation==VERSION"
  if [ -f "$wheel" ]; then
    wheel=$(cd "$(dirname "$wheel")" && pwd)/$(basename "$wheel")
    wanted=$(sha256sum < "$wheel")
  else
    wanted=$wheel
  fi
  [ "$(cat /opt/warmstation/.installed 2>/dev/null)" = "$wanted" ] && return 0
  [ -x /opt/warmstation/bin/python ] || python3 -m venv --system-site-packages /opt/warmstation
  if [ -f "$wheel" ]; then asked="${wheel}[edge,pi]"; else
    asked=$(printf '%s' "$wheel" | sed 's/^warmstation/warmstation[edge,pi]/')
  fi
  /opt/warmstation/bin/python -m pip install --quiet --disable-pip-version-check --upgrade "$asked"
  printf '%s\n' "$wanted" > /opt/warmstation/.installed
  said "installed the agent"
}

# The words of the README, for whoever sits at the Pi: sudo looks in here too.
command_line() {
  link=$root/usr/local/bin/warmstation-agent
  [ -L "$link" ] && return 0
  mkdir -p "$(dirname "$link")"
  ln -sf /opt/warmstation/bin/warmstation-agent "$link"
  said "linked ${link#"$root"}"
}

users() {
  grep -q '^warmstation:' "$root/etc/passwd" 2>/dev/null && return 0
  systemd-sysusers --root="$root/" warmstation.conf
  said "made the user warmstation"
}

# By links, as `systemctl enable` makes them: that program is not in every image's build.
enabled() { # UNIT TARGET
  link=$root/etc/systemd/system/$2.wants/$1
  [ -L "$link" ] && return 0
  for at in /etc/systemd/system /usr/lib/systemd/system /lib/systemd/system; do
    [ -e "$root$at/$1" ] || continue
    mkdir -p "$(dirname "$link")"
    ln -s "$at/$1" "$link"
    said "enabled $1"
    return 0
  done
}

units() {
  enabled warmstation-agent.service multi-user.target
  enabled warmstation-enrol.service multi-user.target
  enabled warmstation-renew.timer timers.target
  enabled nftables.service sysinit.target
}

started() {
  [ -z "$root" ] && [ -d /run/systemd/system ] || return 0
  [ "$changed" -gt 0 ] || return 0
  systemctl daemon-reload
  systemd-tmpfiles --create warmstation.conf
  systemctl reload-or-restart nftables.service systemd-journald.service
  systemctl try-restart systemd-timesyncd.service
  systemctl restart warmstation-renew.timer
  [ -f /etc/warmstation/station.toml ] && systemctl restart warmstation-agent.service
  return 0
}

[ "$(id -u)" = 0 ] || [ -n "$root" ] || fail "run this as root: sudo $0"
[ -z "$root" ] || [ -d "$root" ] || fail "$root: there is no such directory"
[ -z "$root" ] || [ -n "$files_only" ] || fail "--root goes with --files-only"

# Packages first: one that brings a file of ours must not find it there and ask.
[ -n "$files_only" ] || packages
before=$(files)
[ -z "$before" ] || { echo "$before"; changed=$((changed + 1)); }
[ -n "$files_only" ] || asked_clock
boot
[ -n "$files_only" ] || agent
command_line
users
units
started
if [ "$changed" = 0 ]; then echo "nothing to do"; fi
if [ ! -f "$root/etc/warmstation/station.toml" ]; then
  echo "next: write /etc/warmstation/station.toml (station.toml.example beside it), put ca.pem there,"
  echo "then warmstation-agent enrol and warmstation-agent doctor"
fi
