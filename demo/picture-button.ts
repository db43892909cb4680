// PictureButton: a picture drawn in the page's own ink, so that it fits light and dark, with its name and perhaps a
// second line below.

import { SIDE, type Picture } from './pictures.js';

export function pictureButton(picture: Picture, detail: string, onPick: (picture: Picture, button: HTMLButtonElement) => void): HTMLLIElement {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'picture';
  button.ariaPressed = 'false';
  button.ariaLabel = `${picture.name}, picture ${picture.id}${detail === '' ? '' : `, ${detail}`}`;
  button.append(draw(picture.image), ...[picture.name, detail].filter((line) => line !== '').map(smallText));
  button.addEventListener('click', () => onPick(picture, button));
  const item = document.createElement('li');
  item.append(button);
  return item;
}

function smallText(text: string): HTMLElement {
  const small = document.createElement('small');
  small.textContent = text;
  return small;
}

function draw(image: Float32Array): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = SIDE;
  canvas.height = SIDE;
  const context = canvas.getContext('2d');
  if (context === null) return canvas;
  const [red = 0, green = 0, blue = 0] = getComputedStyle(document.body).color.match(/\d+/g)?.map(Number) ?? [];
  const pixels = context.createImageData(SIDE, SIDE);
  image.forEach((grey, at) => pixels.data.set([red, green, blue, grey], at * 4));
  context.putImageData(pixels, 0, 0);
  return canvas;
}
