"""Runs Pillow for the benchmarks: `progressive` converts the JPEG on stdin to a progressive one; `thumbnails N SIZE...`
reduces it N times and prints the CPU time in seconds."""
import io
import sys
import time

from PIL import Image

upload = sys.stdin.buffer.read()
command, *numbers = sys.argv[1:]
if command == "progressive":
    Image.open(io.BytesIO(upload)).save(sys.stdout.buffer, "JPEG", quality="keep", progressive=True)
    sys.exit()

times, *sizes = map(int, numbers)
start = time.process_time()
for _ in range(times):
    picture = Image.open(io.BytesIO(upload))
    for size in sorted(sizes, reverse=True):  # thumbnail() works in place: each size is made from the previous one
        picture.thumbnail((size, size))
        picture.convert("RGB").save(io.BytesIO(), "JPEG", quality=85)
print(time.process_time() - start)
