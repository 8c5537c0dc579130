/* What bin/film.py draws for steady.webm. The lowest quarter stays empty: the captions stand there. */
export const size = 640;
export const seconds = 40;

/* The art tokens of portal.css, as they are by day. */
const SKY = '#f0e9dc';
const FRAME = '#24405f';
const SCREEN = '#ffffff';
const SOFT = '#fbe9dd';
const LEAF = '#4f8a5b';
const WOOD = '#b98a5e';
const SKIN = '#f5c451';
const ACCENT = '#e8804a';
const ACTION = '#0a46b4';
const SHADOW = '#e9e3d6';
const INK = '#1e2124';

const PERILLA = new Path2D('M0-25C15-19 24-4 21 9 15 20 6 22 0 24-6 22-15 20-21 9-24-4-15-19 0-25z');
const VEINS = new Path2D('M0-14V22M0 2l10-8M0 2l-10-8');
const HAND = new Path2D('M-62 0c-30 6-56 22-62 52l-8 96h40l10-58 22-14z');
const THUMB = new Path2D('M-66 18c10-4 22-2 26 6s-6 14-16 16l-12 4');
const FINGER = new Path2D('M-17-8a17 17 0 0 1 34 0V70c26 8 46 16 46 40v470h-112V116l-22-34c-10-16 10-28 22-14l32 26z');

/* From 0 to 1 between two moments, slow at both ends. */
const go = (now, from, to) => {
  const way = Math.min(Math.max((now - from) / (to - from), 0), 1);
  return way * way * (3 - 2 * way);
};

const at = (c, x, y, scale, paint) => {
  c.save();
  c.translate(x, y);
  c.scale(scale, scale);
  paint();
  c.restore();
};

const fill = (c, path, colour, edge = FRAME, width = 4) => {
  c.fillStyle = colour;
  c.fill(path);
  c.strokeStyle = edge;
  c.lineWidth = width;
  c.lineJoin = c.lineCap = 'round';
  if (width) c.stroke(path);
};

const box = (c, x, y, w, h, r, colour, edge, width = 0) => {
  const path = new Path2D();
  path.roundRect(x, y, w, h, r);
  fill(c, path, colour, edge, width);
};

const disc = (c, x, y, r, colour, edge, width = 0) => {
  const path = new Path2D();
  path.ellipse(x, y, r, r, 0, 0, 2 * Math.PI);
  fill(c, path, colour, edge, width);
};

const dish = (c) => {
  const plate = (y, colour, width) => {
    const path = new Path2D();
    path.ellipse(0, y, 72, 22, 0, 0, 2 * Math.PI);
    fill(c, path, colour, FRAME, width);
  };
  plate(30, WOOD, 0);
  plate(24, SCREEN, 3);
  for (const [x, y, turn] of [[-27, 4, -52], [27, 4, 52], [-13, -2, -20], [14, -2, 20], [0, 0, 0]]) {
    c.save();
    c.translate(x, y);
    c.rotate((turn * Math.PI) / 180);
    fill(c, PERILLA, LEAF, SCREEN, 2.5);
    c.lineWidth = 2;
    c.stroke(VEINS);
    c.restore();
  }
  for (const [x, y] of [[-44, 27], [42, 30], [-14, 35], [20, 36]]) disc(c, x, y, 3.5, ACCENT);
};

/* The camera's screen. What is not sharp yet stands there more than once. */
const phone = (c, sharp) => {
  box(c, -100, -190, 200, 380, 34, SCREEN, FRAME, 9);
  box(c, -84, -164, 168, 232, 10, SOFT);
  c.save();
  c.beginPath();
  c.rect(-84, -164, 168, 232);
  c.clip();
  for (const shift of sharp < 1 ? [-1, 1, 0] : [0]) {
    c.globalAlpha = sharp < 1 ? 0.4 + 0.2 * sharp : 1;
    at(c, shift * 9 * (1 - sharp), -36 + shift * 5 * (1 - sharp), 0.9, () => dish(c));
  }
  c.restore();
  disc(c, 0, 124, 30, SCREEN, FRAME, 6);
  disc(c, 0, 124, 20, ACCENT);
};

const hands = (c, gap, sides = [1, -1]) => {
  for (const side of sides) {
    c.save();
    c.scale(side, 1);
    c.translate(-gap, 0);
    at(c, -4, -10, 1.35, () => {
      fill(c, HAND, SKIN);
      fill(c, THUMB, SKIN);
    });
    c.restore();
  }
};

const focus = (c, shown) => {
  c.globalAlpha = shown;
  c.strokeStyle = ACTION;
  c.lineWidth = 6;
  c.stroke(new Path2D('M-70-70v-22h22M70-70v-22h-22M-70 20v22h22M70 20v22h-22'));
  c.globalAlpha = 1;
};

const ring = (c, y, way) => {
  if (way <= 0 || way >= 1) return;
  c.globalAlpha = 1 - way;
  disc(c, 0, y, 20 + 46 * way, 'transparent', ACTION, 6);
  c.globalAlpha = 1;
};

/* One hand goes on holding while a finger of the other presses. */
const LEFT = [1];

const finger = (c, y, way) => {
  c.save();
  c.translate(150 * (1 - way), y + 190 * (1 - way));
  c.rotate(-0.5);
  at(c, 0, 0, 0.8, () => fill(c, FINGER, SKIN, FRAME, 5));
  c.restore();
};

const sign = (c, x, y, words) => {
  disc(c, x, y, 42, FRAME);
  c.fillStyle = SCREEN;
  c.font = '700 52px sans-serif';
  c.textAlign = 'center';
  c.textBaseline = 'alphabetic';
  c.fillText(words, x, y + 18);
};

/* The scenes, each with the moment it begins; `now` is counted from there. */
const SCENES = [
  [0, (c, now) => {
    at(c, 320, 250, 1, () => {
      box(c, -105, -200, 210, 400, 36, FRAME);
      box(c, -84, -178, 92, 112, 26, INK);
      disc(c, -38, -122, 36, SOFT, SCREEN, 5);
      disc(c, -38, -122, 18, FRAME);
      disc(c, -46, -130, 6, SCREEN);
      const turn = now * 2.2;
      const near = go(now, 0.4, 1.4) - go(now, 4.6, 5.6);
      at(c, -38 + 34 * Math.cos(turn) + 240 * (1 - near), -110 + 24 * Math.sin(turn) + 130 * (1 - near), 1, () => {
        fill(c, new Path2D('M-62-34C-30-52 34-50 66-30 78 0 70 40 58 60 18 74-34 70-62 56-76 26-74-10-62-34z'), SCREEN, FRAME, 5);
        fill(c, new Path2D('M-48-10C-16-22 24-20 52-8M-48 24C-14 12 26 14 50 26'), 'transparent', ACCENT, 5);
      });
      if (now > 5.4) fill(c, new Path2D('M20-190v30M5-175h30M44-150v22M33-139h22'), 'transparent', ACCENT, 6);
    });
  }],
  [7.5, (c, now) => at(c, 320, 250, 1, () => {
    phone(c, 0);
    hands(c, 170 - 125 * go(now, 0.6, 3) - 0.001);
  })],
  [14.5, (c, now) => at(c, 320, 250, 1, () => {
    phone(c, go(now, 2.6, 4));
    focus(c, go(now, 2.2, 2.8));
    hands(c, 45, LEFT);
    ring(c, -30, (now - 2) / 1.4);
    finger(c, -26, go(now, 0.6, 2) - 0.6 * go(now, 3, 4.2));
  })],
  [22, (c, now) => at(c, 320, 250, 1, () => {
    phone(c, 1);
    focus(c, 1);
    hands(c, 45, LEFT);
    ring(c, 124, (now - 2.4) / 1.4);
    finger(c, 128, 0.4 + 0.6 * go(now, 1, 2.4));
    const flash = go(now, 2.6, 2.8) - go(now, 2.8, 3.6);
    c.globalAlpha = 0.9 * Math.max(flash, 0);
    box(c, -84, -164, 168, 232, 10, SCREEN);
    c.globalAlpha = 1;
  })],
  [28.5, (c, now) => {
    at(c, 320, 250, 1, () => {
      phone(c, 1);
      hands(c, 45);
    });
    if (now > 1) sign(c, 84, 110, '1');
    if (now > 2.6) sign(c, 556, 110, '2');
  }],
  [34, (c) => {
    box(c, 130, 36, 380, 420, 14, SCREEN, FRAME, 6);
    box(c, 154, 60, 332, 332, 6, SOFT);
    at(c, 320, 226, 2.05, () => dish(c));
    disc(c, 486, 430, 46, LEAF, SCREEN, 6);
    fill(c, new Path2D('M464 430l16 18 28-34'), 'transparent', SCREEN, 10);
  }],
];

const room = (c) => {
  c.fillStyle = SKY;
  c.fillRect(0, 0, size, size);
  c.fillStyle = SHADOW;
  c.fillRect(0, 484, size, size - 484);
};

/* Each scene is laid over the one before it within this time. */
const OVER_S = 0.3;

export const draw = (c, second) => {
  const place = SCENES.findLastIndex(([begin]) => begin <= second);
  const [begin, scene] = SCENES[place];
  const show = (paint, now) => {
    c.save();
    c.beginPath();
    c.rect(0, 0, size, 484);
    c.clip();
    paint(c, now);
    c.restore();
  };
  room(c);
  show(scene, second - begin);
  const left = 1 - (second - begin) / OVER_S;
  if (place && left > 0) {
    const cover = new OffscreenCanvas(size, size);
    const [before, last] = SCENES[place - 1];
    room(cover.getContext('2d'));
    last(cover.getContext('2d'), second - before);
    c.globalAlpha = left;
    c.drawImage(cover, 0, 0, size, 484, 0, 0, size, 484);
    c.globalAlpha = 1;
  }
};
