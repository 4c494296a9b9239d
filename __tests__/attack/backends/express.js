// node express.js PORT, with Express in NODE_PATH: each answer names the handler that served it.
const express = require('express');

const app = express();
const handler = (name) => (_request, response) => response.set('x-handler', name).end();

app.use((request, response, next) =>
  request.hostname === 'admin.example.com' ? handler('admin-host')(request, response) : next(),
);
app.use('/admin', handler('admin'));
app.use('/public', handler('public'));
app.all('/closed', handler('closed'));
app.all('/', handler('root'));
app.use((_request, response) => response.status(404).set('x-handler', 'none').end());
app.listen(Number(process.argv[2]), '127.0.0.1');
