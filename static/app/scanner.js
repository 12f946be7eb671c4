// Reading ISBNs from bar codes with the camera.
import { html, useEffect, useRef, useState } from './preact.js';
import { t } from './i18n.js';

const interval = 150; // milliseconds between two looks at the picture
const pause = 3_000; // milliseconds until the same bar code is taken again
const widest = 800; // pixels of the picture that the reader looks at

// Scanner has a button that turns the camera on and off. While it is on, onISBN is called with each ISBN that it sees.
export function Scanner({ onISBN }) {
  const [on, setOn] = useState(false);
  return html`<div class="scanner">
    <button type="button" class="quiet" aria-expanded=${on} onClick=${() => setOn(!on)}>${t(on ? 'scan.stop' : 'scan.start')}</button>
    ${on && html`<${Camera} onISBN=${onISBN} />`}
  </div>`;
}

function Camera({ onISBN }) {
  const [said, setSaid] = useState(t('scan.starting'));
  const video = useRef(null);
  const take = useRef(onISBN);
  take.current = onISBN;
  useEffect(() => {
    let timer;
    let ended = false;
    let stream = null;
    const seen = new Map(); // when each ISBN was taken
    const look = async (detect) => {
      const isbn = await detect(video.current).catch(() => null);
      if (ended) return;
      const now = Date.now();
      if (/^97[89]/.test(isbn ?? '') && now - (seen.get(isbn) ?? 0) > pause) {
        navigator.vibrate?.(50);
        setSaid(isbn);
        take.current(isbn);
      }
      if (isbn) seen.set(isbn, now);
      timer = setTimeout(look, interval, detect);
    };
    const start = async () => {
      try {
        const [opened, detect] = await Promise.all([openCamera(), newDetector()]);
        stream = opened;
        if (ended) return close(stream);
        video.current.srcObject = stream;
        await video.current.play();
        setSaid(t('scan.ready'));
        look(detect);
      } catch (error) {
        setSaid(t({ NotAllowedError: 'scan.forbidden', NotFoundError: 'scan.no_camera' }[error.name] ?? 'scan.failed'));
      }
    };
    start();
    return () => {
      ended = true;
      clearTimeout(timer);
      close(stream);
    };
  }, []);
  return html`<video ref=${video} muted playsinline aria-hidden="true"></video><p role="status">${said}</p>`;
}

// openCamera asks for the camera at the back. Browsers have none for pages without TLS.
async function openCamera() {
  if (!navigator.mediaDevices) throw new DOMException('no secure context', 'NotSupportedError');
  return navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment', width: { ideal: 1280 } } });
}

const close = (stream) => stream?.getTracks().forEach((track) => track.stop());

// newDetector returns a function that returns the digits of the bar code in a picture, or null. It is the browser's own, or else
// that of zxing.js.
async function newDetector() {
  const formats = await globalThis.BarcodeDetector?.getSupportedFormats() ?? [];
  if (formats.includes('ean_13')) {
    const detector = new globalThis.BarcodeDetector({ formats: ['ean_13'] });
    return async (video) => (await detector.detect(video))[0]?.rawValue ?? null;
  }
  const { BinaryBitmap, DecodeHintType, EAN13Reader, HybridBinarizer, RGBLuminanceSource } = await import('./zxing.js');
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const hints = new Map([[DecodeHintType.TRY_HARDER, true]]);
  const reader = new EAN13Reader();
  return async (video) => {
    const scale = Math.min(1, widest / video.videoWidth);
    const width = canvas.canvas.width = Math.round(video.videoWidth * scale);
    const height = canvas.canvas.height = Math.round(video.videoHeight * scale);
    canvas.drawImage(video, 0, 0, width, height);
    const source = new RGBLuminanceSource(greyOf(canvas.getImageData(0, 0, width, height).data), width, height);
    return reader.decode(new BinaryBitmap(new HybridBinarizer(source)), hints).getText(); // an exception if there is none
  };
}

// greyOf returns the brightness of each pixel, from 0 to 255.
function greyOf(pixels) {
  const grey = new Uint8ClampedArray(pixels.length / 4);
  for (let i = 0; i < grey.length; i++) grey[i] = (pixels[4 * i] + 2 * pixels[4 * i + 1] + pixels[4 * i + 2]) / 4;
  return grey;
}
