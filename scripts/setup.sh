#!/usr/bin/env bash
# Everything Ashar needs on a bare Debian 12: system packages (as root), a virtual environment, the locked libraries.
set -euo pipefail
cd "$(dirname "$0")/.."
unset PYTHONDONTWRITEBYTECODE
packages=(clamav-daemon libmagic1 tesseract-ocr tesseract-ocr-kir tesseract-ocr-rus tesseract-ocr-eng tesseract-ocr-osd
          libreoffice-writer-nogui libreoffice-calc-nogui poppler-utils
          dovecot-imapd fonts-paratype fonts-liberation2 fonts-dejavu-core postgresql postgresql-client)
missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
if [ ${#missing[@]} -gt 0 ]; then
  if [ "$(id -u)" -ne 0 ]; then
    echo "Ashar needs these Debian packages and only an administrator can install them:" >&2
    echo "    sudo apt-get install ${missing[*]}" >&2
    echo "Run that once, then repeat this command." >&2
    exit 69
  fi
  echo "Installing system packages: ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  # A cluster of Debian's own is not wanted: Ashar starts what it uses, as the user who asked.
  mkdir -p /etc/postgresql-common
  [ -e /etc/postgresql-common/createcluster.conf ] || echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.conf
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi
stamp=.venv/.locked
if [ ! -e "$stamp" ] || ! sha256sum --status -c "$stamp" 2>/dev/null; then
  [ -x .venv/bin/python ] || python3 -m venv .venv
  .venv/bin/python -m pip install --quiet "uv==0.13.9"
  .venv/bin/uv pip install --quiet --python .venv/bin/python --require-hashes --no-deps --compile-bytecode -r requirements.lock
  .venv/bin/uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation -e .
  .venv/bin/python -m services.prefect_server
  sha256sum requirements.lock pyproject.toml > "$stamp"
fi
