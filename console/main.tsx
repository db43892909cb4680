// The console: a page of the server about itself. It asks this server alone, and changes nothing there.

import { render } from 'preact';
import { App } from './app.js';

const root = document.querySelector('#console');
if (root === null) throw new Error('the page has no #console');
render(<App />, root);
