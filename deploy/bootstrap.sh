# Sourced by deploy/run, deploy/test and deploy/lock: makes .venv and installs pinned, hashed packages into it.
# Needs Python 3.11 or later with its venv module, and a package index; nothing else.

# Where this is set no bytecode is ever written and every start of Python takes five times as long.
unset PYTHONDONTWRITEBYTECODE PYTHONHOME PYTHONPATH VIRTUAL_ENV
export LANG="${LANG:-C.UTF-8}" PIP_DISABLE_PIP_VERSION_CHECK=1
# The machine's own certificates, as pip uses them; never download a Python; do not warn about copying files.
export UV_SYSTEM_CERTS=1 UV_PYTHON_DOWNLOADS=never UV_LINK_MODE="${UV_LINK_MODE:-copy}"

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)"
VENV="$ROOT/.venv"
PYTHON_IN_VENV="$VENV/bin/python"

say() { printf '%s\n' "$*"; }
fail() {
    printf '\n%s\n' "$*" >&2
    exit 1
}

# Print a Python 3.11 or later. Each candidate is run, because a version manager's shim may exist and not work.
find_python() {
    local candidate
    for candidate in "${PYTHON:-}" python3 python3.13 python3.12 python3.11 python3.14 /usr/bin/python3; do
        [ -n "$candidate" ] || continue
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            command -v "$candidate"
            return
        fi
    done
    return 1
}

# A virtual environment is whole when its Python runs, is in the right place, has pip, and no install was cut short.
venv_is_whole() {
    [ ! -e "$VENV/.installing" ] || return 1
    "$PYTHON_IN_VENV" -m pip --version >/dev/null 2>&1 || return 1
    "$PYTHON_IN_VENV" -c 'import os, sys
sys.exit(sys.version_info < (3, 11) or not os.path.samefile(sys.prefix, sys.argv[1]))' "$VENV" >/dev/null 2>&1
}

make_venv() {
    local python
    venv_is_whole && return
    python="$(find_python)" || fail "Python 3.11 or later is needed. On Debian or Ubuntu: apt-get install python3 python3-venv"
    "$python" -c 'import ensurepip, venv' >/dev/null 2>&1 ||
        fail "Python's venv module is missing from $python. On Debian or Ubuntu: apt-get install python3-venv"
    say "Making the Python environment in .venv"
    rm -rf "$VENV"
    "$python" -m venv "$VENV" || fail "Could not make a virtual environment with $python."
}

# install_packages NAME FILE...: install the files' pins, unless this very set is already there.
install_packages() {
    local name="$1" stamp wanted file
    shift
    local arguments=()
    for file in "$@"; do
        arguments+=(-r "$ROOT/deploy/$file")
    done
    stamp="$VENV/.installed-$name"
    wanted="$("$PYTHON_IN_VENV" -c 'import hashlib, sys
digest = hashlib.sha256(sys.version.encode())
for name in sys.argv[1:]:
    digest.update(open(name, "rb").read())
print(digest.hexdigest())' "${@/#/$ROOT/deploy/}")"
    [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ] || return 0

    say "Installing the packages named in" "$@"
    touch "$VENV/.installing"
    if ! { install_uv && "$PYTHON_IN_VENV" -m uv pip install --quiet --python "$PYTHON_IN_VENV" \
        --compile-bytecode --require-hashes "${arguments[@]}"; }; then
        say "Installing with pip instead of uv, which is slower"
        "$PYTHON_IN_VENV" -m pip install --quiet --require-hashes "${arguments[@]}" ||
            fail "The packages could not be installed. Is a package index in reach of pip?"
    fi
    rm -f "$VENV/.installing"
    printf '%s\n' "$wanted" >"$stamp"
}

install_uv() {
    "$PYTHON_IN_VENV" -m uv --version >/dev/null 2>&1 ||
        "$PYTHON_IN_VENV" -m pip install --quiet --require-hashes -r "$ROOT/deploy/requirements-uv.txt"
}

# bootstrap NAME FILE...: everything above, one at a time.
bootstrap() {
    mkdir -p "$ROOT/var"
    if command -v flock >/dev/null 2>&1; then
        exec 9>"$ROOT/var/.bootstrap-lock"
        flock 9
    fi
    make_venv
    install_packages "$@"
    exec 9>&-
}
