// A folder, served on this machine alone.
'use strict';
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');

const KINDS = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.woff2': 'font/woff2' };

/** The address of the folder, and what ends it. */
function serve(folder) {
  const server = http.createServer((request, response) => {
    const name = path.normalize(decodeURIComponent(new URL(request.url, 'http://localhost').pathname));
    const file = path.join(folder, name.endsWith('/') ? `${name}index.html` : name);
    fs.readFile(file, (error, bytes) => {
      response.writeHead(error ? 404 : 200, { 'content-type': KINDS[path.extname(file)] || 'application/octet-stream' });
      response.end(error ? '' : bytes);
    });
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () =>
    resolve({ address: `http://127.0.0.1:${server.address().port}`, close: () => server.close(), end: () => { server.closeAllConnections(); return new Promise((done) => server.close(done)); } })));
}

module.exports = { serve };
