"""What a WSGI server loads."""

from dashboard import create_app

app = create_app()
