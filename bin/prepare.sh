# Shared preparation, read by bin/serve, bin/test and bin/lock with `.`; it expects the repository as working directory.
#
#   prepare requirements.lock     .venv with what that lock says, the libraries PDF making needs, the Korean fonts
#   find_browser                  PORTAL_CHROMIUM, or a sentence saying how to get one
#
# Everything is looked at before it is done, so a second run only looks. Nothing here asks a question.

# Say in both languages what is missing; the last line on the screen is the one that can be acted on.
say() {
    printf '%s\n%s\n' "$1" "$2" >&2
}

stop_with() {
    say "$1" "$2"
    exit 2
}

# Install system packages when that needs nobody's consent: root on a system with apt. What apt says is shown only when
# it fails.
apt_install() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 || return 1
    echo "Installing system packages: $*" >&2
    apt_log=$(mktemp)
    if apt_get update && apt_get install -y --no-install-recommends "$@"; then
        rm -f "$apt_log"
        return 0
    fi
    cat "$apt_log" >&2
    rm -f "$apt_log"
    return 1
}

apt_get() {
    DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=400 "$@" </dev/null >>"$apt_log" 2>&1
}

# Set $python to a Python 3.11 or newer that really runs (a version manager's shim may be there and fail) and can make a
# virtual environment. The system's own comes first: it is compiled with what a profile of it told, a version manager's
# often is not and is slower at everything. Where PORTAL_PYTHON names one, no other is taken.
find_python() {
    lacking=
    if [ -n "${PORTAL_PYTHON:-}" ]; then
        set -- "$PORTAL_PYTHON"
    else
        set -- /usr/bin/python3 python3 python3.13 python3.12 python3.11 python3.14 python
    fi
    for python in "$@"; do
        "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || continue
        makes_venvs && return 0
        [ "$lacking" != "$(venv_package)" ] || continue
        lacking=$(venv_package)
        apt_install "$lacking" && makes_venvs && return 0
    done
    [ -z "$lacking" ] || stop_with \
        "Python cannot make a virtual environment. Run: sudo apt-get install -y $lacking" \
        "파이썬 가상 환경을 만들 수 없습니다. 다음을 실행하세요: sudo apt-get install -y $lacking"
    [ -z "${PORTAL_PYTHON:-}" ] || stop_with \
        "PORTAL_PYTHON=$PORTAL_PYTHON is not a Python 3.11 or newer that can be run. Correct it, or unset it." \
        "PORTAL_PYTHON=$PORTAL_PYTHON 은(는) 실행할 수 있는 파이썬 3.11 이상이 아닙니다. 고치거나 지우세요."
    stop_with "Python 3.11 or newer is missing. Install it (Debian, Ubuntu: apt-get install python3 python3-venv) and run this again." \
        "파이썬 3.11 이상이 없습니다. 설치한 뒤 다시 실행하세요 (Debian, Ubuntu: apt-get install python3 python3-venv)."
}

makes_venvs() {
    "$python" -c 'import ensurepip, venv' >/dev/null 2>&1
}

# Debian packs the module that puts pip into a virtual environment apart from Python.
venv_package() {
    "$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'
}

# Make .venv anew. Where it is a link, only the link goes: what it led to may serve another checkout.
make_venv() {
    find_python
    echo "Making .venv with $("$python" --version)" >&2
    { rm -rf .venv && "$python" -m venv .venv; } || stop_with \
        "The folder .venv could not be made in $PWD; the lines above say why." \
        "$PWD 에 .venv 폴더를 만들지 못했습니다. 이유는 위에 있습니다."
    printf '%s\n' "$PWD" >.venv/made-in
}

# Bring .venv to what the lock says, unless its stamp says that is done. An environment that was copied or moved has its
# old folder written into its programs, so it remembers where it was made.
install_lock() {
    if [ "$(cat .venv/made-in 2>/dev/null)" != "$PWD" ] || ! .venv/bin/python -c 'import pip' >/dev/null 2>&1; then
        make_venv
    fi
    stamp=".venv/$1.installed"
    wanted=$(cksum <"$1")
    if [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
        return 0
    fi
    echo "Installing the packages of $1" >&2
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes --no-deps \
        --only-binary :all: --requirement "$1" </dev/null || stop_with \
        "The packages of $1 could not be installed; the lines above say which and why. Check the network and run this again." \
        "$1 의 패키지를 설치하지 못했습니다. 이유는 위에 있습니다. 네트워크를 확인하고 다시 실행하세요."
    printf '%s\n' "$wanted" >"$stamp"
}

# check_libraries PURPOSE PACKAGE...: what Python packages load from the system. Without this look their own words would be
# an OSError or a closed connection.
check_libraries() {
    purpose=$1
    shift
    missing=$(.venv/bin/python bin/preflight.py libraries "$purpose") && return 0
    if apt_install "$@" && .venv/bin/python bin/preflight.py libraries "$purpose" >/dev/null; then
        return 0
    fi
    command="sudo apt-get install -y --no-install-recommends $*"
    [ "$purpose" != documents ] || command="$command (macOS: brew install pango)"
    stop_with "System libraries are missing for $purpose ($missing). Run: $command" \
        "시스템 라이브러리가 없습니다 ($missing). 다음을 실행하세요: $command"
}

# Korean text needs a Korean font in certificates and on screenshots; one comes with the packages.
prepare_fonts() {
    fonts=$(.venv/bin/python bin/preflight.py fonts "${PORTAL_DATA_DIR:-var}/fonts")
    FONTCONFIG_FILE=${FONTCONFIG_FILE:-$fonts}
    export FONTCONFIG_FILE
}

prepare() {
    umask 022
    install_lock "$1"
    check_libraries documents libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0
    prepare_fonts
}

# Export PORTAL_CHROMIUM. Returns 1, after one sentence, when there is none and none could be installed.
find_browser() {
    check_libraries browser libatomic1
    if [ -n "${PORTAL_CHROMIUM:-}" ] && ! [ -x "$PORTAL_CHROMIUM" ]; then
        stop_with "PORTAL_CHROMIUM=$PORTAL_CHROMIUM is not a program that can be run. Correct it, or unset it." \
            "PORTAL_CHROMIUM=$PORTAL_CHROMIUM 은(는) 실행할 수 있는 프로그램이 아닙니다. 고치거나 지우세요."
    fi
    find_chromium() {
        PORTAL_CHROMIUM=$(.venv/bin/python -m tests.servers chromium </dev/null) && export PORTAL_CHROMIUM
    }
    find_chromium && return 0
    # Debian packs the one without a window apart. It asks for six tenths of the processor time.
    for package in chromium-headless-shell chromium; do
        if apt_install "$package" && find_chromium; then
            return 0
        fi
    done
    echo "Asking Playwright for a Chromium" >&2
    PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT=15000 .venv/bin/python -m playwright install chromium </dev/null >/dev/null 2>&1 || true
    find_chromium && return 0
    unset PORTAL_CHROMIUM
    say "The browser tests need Chromium. Run: sudo apt-get install -y --no-install-recommends chromium-headless-shell (or set PORTAL_CHROMIUM to a Chrome or Chromium program)" \
        "브라우저 시험에는 Chromium이 필요합니다. 다음을 실행하세요: sudo apt-get install -y --no-install-recommends chromium-headless-shell (또는 PORTAL_CHROMIUM에 Chrome/Chromium 실행 파일을 적으세요)"
    return 1
}

# Programs of others that judge our documents in the tests; without them those tests say so and are skipped.
find_judges() {
    for judge in pdfsig pdffonts qpdf; do
        command -v "$judge" >/dev/null 2>&1 || {
            apt_install poppler-utils qpdf || say \
                "Some tests let other programs judge our PDF files. Run: sudo apt-get install -y --no-install-recommends poppler-utils qpdf" \
                "PDF를 다른 프로그램으로 확인하는 시험이 있습니다. 다음을 실행하세요: sudo apt-get install -y --no-install-recommends poppler-utils qpdf"
            return 0
        }
    done
}
