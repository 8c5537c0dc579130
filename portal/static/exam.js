/* Extras of an exam: the time left in words, and when an answer was given. The server counts without this. */
(() => {
  'use strict';

  const MINUTE_MS = 60000;
  const SAID_AT = [30, 10, 5, 1];

  const words = (minutes) => {
    const hours = Math.floor(minutes / 60);
    const rest = minutes % 60;
    return [hours ? `${hours}시간` : '', rest || !hours ? `${rest}분` : ''].filter(Boolean).join(' ');
  };

  /* Counted from when the page came, by a clock that nobody sets. */
  const left = document.querySelector('[data-seconds-left]');
  const said = document.querySelector('[data-time-said]');
  if (left) {
    const ends = performance.now() + Number(left.dataset.secondsLeft) * 1000;
    let before = Infinity;
    const show = () => {
      const minutes = Math.ceil((ends - performance.now()) / MINUTE_MS);
      if (minutes <= 0) {
        left.textContent = '시간이 끝났어요. 이 화면의 답을 바로 보내 주세요.';
        if (said && before > 0) said.textContent = left.textContent;
        before = 0;
        return;
      }
      left.textContent = `${words(minutes)} 남았어요`;
      if (said && SAID_AT.some((each) => minutes <= each && each < before) && before !== Infinity) {
        said.textContent = `시험이 ${words(minutes)} 남았어요.`;
      }
      before = minutes;
    };
    show();
    setInterval(show, 5000);
  }

  /* Logged beside the answer, never trusted: an answer that comes late says when it was given. */
  for (const form of document.querySelectorAll('form[data-exam]')) {
    form.addEventListener(
      'input',
      (event) => {
        if (event.isTrusted) form.elements.namedItem('client_at').value = new Date().toISOString();
      },
      true,
    );
  }
})();
