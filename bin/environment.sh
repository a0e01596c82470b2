# Sets $root, the checkout, and $scripts, the folder with the programs that are installed into
# .venv on first use and whenever pyproject.toml has changed since.

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
scripts=$root/.venv/bin

is_recent() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

if [ ! "$scripts/installed" -nt "$root/pyproject.toml" ]; then
  python=
  for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
    if is_recent "$candidate"; then python=$candidate; break; fi
  done
  if [ -z "$python" ]; then
    echo "Error: Python 3.11 or later is needed" >&2
    exit 1
  fi
  echo "Installing into $root/.venv ..." >&2
  "$python" -m venv "$root/.venv" >&2 &&
    "$scripts/pip" install --quiet --disable-pip-version-check --editable "$root[dev]" >&2 || {
      echo "Error: the dependencies could not be installed into $root/.venv" >&2
      exit 1
    }
  touch "$scripts/installed"
fi
