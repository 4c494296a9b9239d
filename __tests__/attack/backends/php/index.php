<?php
// php -S 127.0.0.1:PORT -t docroot: what is no file comes here. Each answer names the handler that served it.
$path = rawurldecode(parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH) ?: '/');
$host = explode(':', $_SERVER['HTTP_HOST'])[0];
$handler = match (true) {
    $host === 'admin.example.com' => 'admin-host',
    preg_match('#^/admin$#', $path) === 1, str_starts_with($path, '/admin/') => 'admin',
    preg_match('#^/public$#', $path) === 1, str_starts_with($path, '/public/') => 'public',
    preg_match('#^/closed$#', $path) === 1 => 'closed',
    $path === '/' => 'root',
    default => 'none',
};
http_response_code($handler === 'none' ? 404 : 200);
header("x-handler: $handler");
