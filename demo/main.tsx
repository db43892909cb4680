// The demo: notes and pictures searched inside this page. The server is asked for files that are not here yet, and never for
// an answer.

import { render } from 'preact';
import { DemoPage } from './page.js';

const root = document.querySelector('#app');
if (root === null) throw new Error('the page has no #app');
render(<DemoPage />, root);
