"""What the benchmarks ask of Pillow: `progressive` makes the JPEG on stdin a progressive one, `thumbnails N SIZE...`
reduces it N times and prints the seconds of CPU time that took."""
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
    for size in sorted(sizes, reverse=True):  # thumbnail() works in place: each of what is left by the one before
        picture.thumbnail((size, size))
        picture.convert("RGB").save(io.BytesIO(), "JPEG", quality=85)
print(time.process_time() - start)
