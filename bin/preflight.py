"""Look at what the portal needs from the machine, before anything that would fail on it obscurely.

`preflight.py libraries documents|browser` names the missing shared libraries and exits 1;
`preflight.py fonts DIR` writes a fontconfig file into DIR and prints its path.
"""

import ctypes
import ctypes.util
import sys
from importlib.util import find_spec
from pathlib import Path
from xml.sax.saxutils import escape

#: Short name, and name on Linux, of what WeasyPrint loads and of what Playwright's program is linked with.
LIBRARIES = {
    "documents": {
        "gobject-2.0": "libgobject-2.0.so.0",
        "pango-1.0": "libpango-1.0.so.0",
        "pangoft2-1.0": "libpangoft2-1.0.so.0",
        "harfbuzz": "libharfbuzz.so.0",
        "harfbuzz-subset": "libharfbuzz-subset.so.0",
        "fontconfig": "libfontconfig.so.1",
    },
    "browser": {"atomic": "libatomic.so.1"} if sys.platform == "linux" else {},
}

SYSTEM_FONT_FILES = (
    Path("/etc/fonts/fonts.conf"),
    Path("/opt/homebrew/etc/fonts/fonts.conf"),
    Path("/usr/local/etc/fonts/fonts.conf"),
)

# The two preferences stand before the system's file: fontconfig lets the first one that speaks win.
FONTS_CONF = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<!-- Written by bin/preflight.py; the next run of bin/serve or bin/test writes it again. -->
<fontconfig>
  <alias binding="same"><family>sans-serif</family><prefer><family>Noto Sans KR</family></prefer></alias>
  <alias binding="same"><family>serif</family><prefer><family>Noto Serif KR</family></prefer></alias>
{lines}
</fontconfig>
"""


def can_load(short_name: str, linux_name: str) -> bool:
    """Say whether the dynamic linker finds a library."""
    for name in (linux_name, ctypes.util.find_library(short_name)):
        try:
            if name and ctypes.CDLL(name):
                return True
        except OSError:
            continue
    return False


def find_missing_libraries(purpose: str) -> list[str]:
    """Return the file names of the libraries that are not there."""
    return [name for short, name in LIBRARIES[purpose].items() if not can_load(short, name)]


def find_font_folder() -> Path | None:
    """Return the folder of the Korean fonts that come as a package, or None when it isn't installed."""
    spec = find_spec("pylopdf_fonts_ko")
    return Path(spec.origin).parent if spec and spec.origin else None


def write_fonts_conf(folder: Path) -> Path:
    """Write fonts.conf into a folder, leaving an equal one untouched, and return its path."""
    folder = folder.resolve()
    fonts = find_font_folder()
    lines = [f"  <include>{path}</include>" for path in SYSTEM_FONT_FILES if path.exists()][:1]
    lines += [f"  <dir>{escape(str(fonts))}</dir>"] if fonts else []
    lines += [f"  <cachedir>{escape(str(folder / 'cache'))}</cachedir>"]
    (folder / "cache").mkdir(parents=True, exist_ok=True)
    path, text = folder / "fonts.conf", FONTS_CONF.format(lines="\n".join(lines))
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
    return path


def main(arguments: list[str]) -> int:
    """Run one of the two commands."""
    match arguments:
        case ["libraries", purpose] if purpose in LIBRARIES:
            missing = find_missing_libraries(purpose)
            print(" ".join(missing))
            return 1 if missing else 0
        case ["fonts", folder]:
            print(write_fonts_conf(Path(folder)))
            return 0
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
