// Reads a chart out point by point: under a finger or a pointer, and with the keys of a slider.
// Without it, the table behind each chart says the same.
const SVG = 'http://www.w3.org/2000/svg';

function read(chart) {
  const points = [...chart.querySelectorAll('title')].map((title) => ({of: title.parentNode, text: title.textContent}));
  if (!points.length) return;
  const slider = Object.assign(document.createElement('input'), {type: 'range', min: 0, max: points.length - 1, value: points.length - 1});
  const said = document.createElement('output');
  const mark = document.createElementNS(SVG, chart.dataset.read === 'cells' ? 'rect' : 'path');
  slider.setAttribute('aria-label', chart.getAttribute('aria-label'));
  said.setAttribute('aria-live', 'off'); // the slider's own value is read aloud
  mark.setAttribute('class', 'mark');

  const show = () => {
    const {of, text} = points[slider.value];
    said.textContent = text;
    slider.setAttribute('aria-valuetext', text);
    if (of.dataset.x) mark.setAttribute('d', `M${of.dataset.x} 12V${chart.viewBox.baseVal.height - 28}`);
    else for (const name of ['x', 'y', 'width', 'height', 'rx']) mark.setAttribute(name, of.getAttribute(name));
  };
  const to = (place) => { slider.value = place; show(); };

  const under = (event) => {
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(chart.getScreenCTM().inverse());
    const away = points.map(({of}) => (of.dataset.x ? Math.abs(of.dataset.x - at.x)
      : Math.hypot(+of.getAttribute('x') + 11 - at.x, +of.getAttribute('y') + 11 - at.y)));
    to(away.indexOf(Math.min(...away)));
  };
  for (const name of ['pointerdown', 'pointermove']) chart.addEventListener(name, under);
  slider.addEventListener('input', show);
  slider.addEventListener('keydown', (event) => {
    // In a table of hours the keys up and down go to the same hour of another day.
    const step = {ArrowUp: -1, ArrowDown: 1}[event.key] * (chart.dataset.row ?? NaN);
    if (!step) return;
    event.preventDefault();
    const place = +slider.value + step;
    if (points[place]) to(place);
  });

  const line = document.createElement('p');
  line.className = 'read';
  line.append(slider, said);
  chart.append(mark);
  chart.after(line);
  show();
}

document.querySelectorAll('svg[data-read]').forEach(read);
