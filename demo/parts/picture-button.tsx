// PictureButton: a picture drawn in the page's own ink, so that it fits light and dark, with its name and perhaps a
// second line below.

import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { SIDE, type Picture } from '../data/pictures.js';

interface PictureButtonProps {
  readonly picture: Picture;
  readonly detail?: string;
  readonly pressed: boolean;
  readonly onPick: (picture: Picture) => void;
}

export function PictureButton({ picture, detail, pressed, onPick }: PictureButtonProps): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const drawNow = (): void => canvas.current === null ? undefined : draw(canvas.current, picture.image);
    drawNow();
    dark.addEventListener('change', drawNow);
    return () => dark.removeEventListener('change', drawNow);
  }, [picture]);
  return (
    <li>
      <button type="button" class="picture" aria-pressed={pressed} onClick={() => onPick(picture)}>
        <canvas ref={canvas} width={SIDE} height={SIDE} aria-hidden="true" />
        <small>{picture.name}</small>
        <span class="quiet">picture {String(picture.id)} </span>
        {detail !== undefined && <small>{detail}</small>}
      </button>
    </li>
  );
}

function draw(canvas: HTMLCanvasElement, image: Float32Array): void {
  const context = canvas.getContext('2d');
  if (context === null) return;
  const [red = 0, green = 0, blue = 0] = getComputedStyle(document.body).color.match(/\d+/g)?.map(Number) ?? [];
  const pixels = context.createImageData(SIDE, SIDE);
  image.forEach((grey, at) => pixels.data.set([red, green, blue, grey], at * 4));
  context.putImageData(pixels, 0, 0);
}
