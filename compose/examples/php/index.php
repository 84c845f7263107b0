<?php
// A form to log in to, a note and a number in the session: PHP's own sessions, in files or in Redis.
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
header('X-Served-By: ' . gethostname());
if ($path === '/health') {
    exit('ok');
}
ini_set('session.save_handler', getenv('SESSIONS') ?: 'files');
ini_set('session.save_path', getenv('SAVE_PATH') ?: '/sessions');
if (!@session_start()) {
    http_response_code(503);
    exit('the session store cannot be asked');
}

function to(string $path): never
{
    header("Location: $path", true, 302);
    exit;
}

if ($path === '/login' && $_SERVER['REQUEST_METHOD'] === 'POST') {
    session_regenerate_id(true);
    $_SESSION = ['user' => $_POST['user'], 'note' => '', 'number' => 0];
    to('/');
}
if ($path === '/login') {
    exit('<form method="post"><input name="user"><button>Log in</button></form>');
}
if ($path === '/logout') {
    session_destroy();
    to('/login');
}
if (!isset($_SESSION['user'])) {
    to('/login');
}
if ($_SERVER['REQUEST_METHOD'] === 'POST') {
    if (isset($_POST['note'])) {
        $_SESSION['note'] = $_POST['note'];
    } else {
        $_SESSION['number']++;
    }
    to('/');
}
foreach (['user', 'note', 'number'] as $name) {
    echo "<p id=\"$name\">", htmlspecialchars((string) $_SESSION[$name]), '</p>';
}
