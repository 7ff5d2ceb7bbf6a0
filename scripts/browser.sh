#!/usr/bin/env bash
# The browser in which tests open the page that verifies dossiers. Ashar itself needs none.
set -euo pipefail
command -v chromium >/dev/null && exit 0
if [ "$(id -u)" -ne 0 ]; then
  echo "The tests need a browser, which an administrator can install: sudo apt-get install chromium" >&2
  exit 69
fi
echo "Installing chromium for the tests"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends chromium >/dev/null
