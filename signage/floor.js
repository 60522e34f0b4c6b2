// For the browsers of old television sets, which know no modules: the page is
// complete as the server sends it, so it is enough to ask for it again.
window.setTimeout(function () { window.location.reload(); }, 10000);
