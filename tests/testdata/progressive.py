"""Converts the JPEG on stdin to a progressive JPEG on stdout."""
import io
import sys

from PIL import Image

picture = Image.open(io.BytesIO(sys.stdin.buffer.read()))
picture.save(sys.stdout.buffer, "JPEG", quality="keep", progressive=True)
