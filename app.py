"""The WSGI entry: `gunicorn app:app`, `flask --app app …`."""

import gc

try:
    gc.disable()  # Nothing that is made now is garbage: looking for it takes a twelfth of the start.
    from portal.factory import create_app

    app = create_app()
    gc.freeze()  # It stays, and processes that split off here share it.
finally:
    gc.enable()
