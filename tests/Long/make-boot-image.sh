#!/usr/bin/env bash
# Makes a bootable Debian image: one ext4 file system without a partition table, booted by QEMU with -kernel and
# -initrd. Needs root, mmdebstrap, e2fsprogs, and the machine's own package sources.
#   make-boot-image.sh DIRECTORY [MEBIBYTES]
# Leaves boot.raw, vmlinuz and initrd.img there. At each boot the guest
#   - checks what it wrote at the boots before: /var/lib/proof/count, and 16 MiB a boot with a checksum,
#   - counts, writes the next 16 MiB, syncs,
#   - says 'BOOT-OK COUNT UPTIME' on the serial console, or 'BOOT-BAD WHY', and powers off.
set -euo pipefail

directory=${1:?directory}
mebibytes=${2:-1024}
mkdir -p "$directory"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
. /etc/os-release
sources=/etc/apt/sources.list.d/debian.sources
[[ -e $sources ]] || sources=/etc/apt/sources.list

cat >"$work/proof" <<'SCRIPT'
#!/bin/sh
# Checks and adds to what earlier boots left.
set -eu
cd /var/lib/proof
count=$(cat count 2>/dev/null || echo 0)
[ "$(wc -l <sums)" -eq "$count" ] || { echo "BOOT-BAD $(wc -l <sums) files after $count boots"; exit 0; }
[ "$count" -eq 0 ] || sha256sum --quiet --check sums || { echo "BOOT-BAD a file changed"; exit 0; }
count=$((count + 1))
head -c 16777216 /dev/urandom >"data-$count"
sha256sum "data-$count" >>sums
echo "$count" >count.new
mv count.new count
sync
echo "BOOT-OK $count $(cut -d' ' -f1 /proc/uptime)"
SCRIPT
chmod 755 "$work/proof"

cat >"$work/proof.service" <<'UNIT'
[Unit]
Description=Check and extend what earlier boots wrote, then power off
After=multi-user.target
[Service]
Type=oneshot
StandardOutput=tty
StandardError=tty
TTYPath=/dev/ttyS0
ExecStart=/usr/local/sbin/proof
ExecStopPost=/bin/systemctl poweroff --no-block
[Install]
WantedBy=multi-user.target
UNIT

mmdebstrap --variant=minbase --quiet \
  --include=systemd-sysv,udev,linux-image-cloud-amd64,zstd,procps \
  --customize-hook='echo guest >"$1/etc/hostname"' \
  --customize-hook='echo "/dev/vda / ext4 defaults 0 1" >"$1/etc/fstab"' \
  --customize-hook='mkdir -p "$1/var/lib/proof" && : >"$1/var/lib/proof/sums"' \
  --customize-hook="copy-in $work/proof /usr/local/sbin" \
  --customize-hook="copy-in $work/proof.service /etc/systemd/system" \
  --customize-hook='chroot "$1" systemctl enable proof.service' \
  --customize-hook='rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*.bin' \
  "$VERSION_CODENAME" "$work/root" "$sources"

cp "$work"/root/boot/vmlinuz-* "$directory/vmlinuz"
cp "$work"/root/boot/initrd.img-* "$directory/initrd.img"
# Under its name only when it is whole.
rm -f "$directory/boot.new"
truncate -s "${mebibytes}M" "$directory/boot.new"
mke2fs -q -t ext4 -E root_owner=0:0 -d "$work/root" "$directory/boot.new"
mv "$directory/boot.new" "$directory/boot.raw"
