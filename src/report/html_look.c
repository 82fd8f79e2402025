#include "report/html_look.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"

/* Sorts by a column: text by the reader's language, numbers by value, what is no number last. Without < and &, so that XML
 * reads it as HTML does. */
static const char script[] =
    "\n(function () {\n"
    "'use strict';\n"
    "function number(text) { return parseFloat(text.replace('\\u2212', '-')); }\n"
    "function order(a, b, numbers) {\n"
    "  if (!numbers) { return a.localeCompare(b, undefined, {numeric: true}); }\n"
    "  var x = number(a), y = number(b);\n"
    "  if (isNaN(x)) { return isNaN(y) ? 0 : NaN; }\n"
    "  return isNaN(y) ? NaN : x - y;\n"
    "}\n"
    "Array.prototype.forEach.call(document.querySelectorAll('table.sort'), function (table) {\n"
    "  var heads = table.tHead.rows[0].cells, body = table.tBodies[0];\n"
    "  Array.prototype.forEach.call(heads, function (head, column) {\n"
    "    var button = document.createElement('button');\n"
    "    button.type = 'button';\n"
    "    while (head.firstChild) { button.appendChild(head.firstChild); }\n"
    "    head.appendChild(button);\n"
    "    button.addEventListener('click', function () {\n"
    "      var up = head.getAttribute('aria-sort') !== 'ascending', numbers = head.className === 'n';\n"
    "      function key(row) { return row.cells[column].textContent.trim(); }\n"
    "      Array.prototype.forEach.call(heads, function (other) { other.removeAttribute('aria-sort'); });\n"
    "      head.setAttribute('aria-sort', up ? 'ascending' : 'descending');\n"
    "      Array.prototype.slice.call(body.rows).sort(function (a, b) {\n"
    "        var d = order(key(a), key(b), numbers);\n"
    "        if (isNaN(d)) { return isNaN(number(key(a))) ? 1 : -1; }\n"
    "        return up ? d : -d;\n"
    "      }).forEach(function (row) { body.appendChild(row); });\n"
    "    });\n"
    "  });\n"
    "});\n"
    "}());\n";

/* Text against its ground: at least 4.5 to 1 in both schemes (tests/unit/report/test_html_look.c computes it from these). */
static const char style_colours[] =
    "\n:root{color-scheme:light dark;--ink:#1c2126;--soft:#525b64;--paper:#ffffff;--panel:#f4f6f8;--line:#cfd5db;"
    "--accent:#0b5394;--good:#17653a;--bad:#a3271a;--mark:#fff4d6}\n"
    "@media screen and "
    "(prefers-color-scheme:dark){:root{--ink:#e7eaed;--soft:#a9b3bd;--paper:#14181c;--panel:#1e242a;--line:#3b444d;"
    "--accent:#86c1f5;--good:#7fd3a0;--bad:#ff9d8e;--mark:#3a3113}\n"
    "figure svg [stroke=\"#e3e3e3\"]{stroke:#39424a}figure svg [fill=\"#e3e3e3\"]{fill:#39424a}\n"
    "figure svg [stroke=\"#767676\"]{stroke:#9aa4ad}figure svg [fill=\"#767676\"]{fill:#9aa4ad}\n"
    "figure svg [stroke=\"#0072b2\"]{stroke:#3a8fd0}figure svg [fill=\"#0072b2\"]{fill:#3a8fd0}\n"
    "figure svg [stroke=\"#000000\"]{stroke:#e7eaed}figure svg [fill=\"#000000\"]:not(text){fill:#e7eaed}\n"
    "figure svg [fill=\"#ffffff\"]:not(text){fill:#14181c}figure svg [stroke=\"#ffffff\"]{stroke:#14181c}}\n";

static const char style[] =
    "*{box-sizing:border-box}\n"
    "html{-webkit-text-size-adjust:100%;text-size-adjust:100%}\n"
    "body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,\"Segoe UI\",Roboto,"
    "\"Helvetica Neue\",Arial,\"DejaVu Sans\",sans-serif;overflow-wrap:anywhere}\n"
    "header,main,footer{max-width:70rem;margin:0 auto;padding:0 1rem}\n"
    "header{padding-top:1.6rem}main{padding-bottom:2rem}\n"
    "h1{font-size:1.75rem;line-height:1.2;margin:0 0 .5rem;font-weight:650}\n"
    "h2{font-size:1.3rem;line-height:1.3;margin:2.6rem 0 .8rem;padding-top:.9rem;border-top:1px solid var(--line);"
    "font-weight:650}\n"
    "h3{font-size:1.06rem;margin:1.6rem 0 .5rem;font-weight:650}h4{font-size:1rem;margin:1.2rem 0 .4rem;font-weight:650}\n"
    "p,ul,ol{max-width:46rem;margin:.5rem 0}li{margin:.25rem 0}\n"
    "a{color:var(--accent);text-underline-offset:.15em}\n"
    ":focus-visible{outline:3px solid var(--accent);outline-offset:2px}\n"
    ".skip{position:absolute;left:-100vw;background:var(--paper);padding:.5rem 1rem;z-index:1}.skip:focus{left:0}\n"
    ".soft{color:var(--soft)}.lead{font-size:1.12rem;max-width:50rem}\n"
    "nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;margin:1rem 0 0;padding:0;font-size:.93rem;"
    "max-width:none}nav li{margin:0}\n"
    ".numbers{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,18rem),1fr));gap:.8rem;margin:1.1rem 0;"
    "padding:0;list-style:none;max-width:none}\n"
    ".numbers li{background:var(--panel);border:1px solid var(--line);border-radius:.5rem;padding:.75rem .9rem;margin:0}\n"
    ".numbers strong{display:block;font-size:.9rem;font-weight:600;color:var(--soft)}\n"
    ".numbers b{font-size:1.7rem;line-height:1.25;font-weight:650;font-variant-numeric:tabular-nums}\n"
    ".numbers b+span{margin-left:.5rem;color:var(--soft);font-size:.9rem;font-variant-numeric:tabular-nums}\n"
    ".numbers svg{display:block;width:100%;height:14px;margin:.2rem 0}\n"
    ".numbers p{margin:.25rem 0 0;font-size:.92rem;line-height:1.45}\n"
    ".wide{overflow-x:auto;margin:.8rem 0;max-width:100%}\n"
    "table{border-collapse:collapse;font-size:.92rem;font-variant-numeric:tabular-nums}\n"
    "caption{text-align:left;font-weight:600;padding:.2rem 0 .45rem;caption-side:top}\n"
    "th,td{padding:.3rem .7rem;text-align:left;vertical-align:top;border-bottom:1px solid "
    "var(--line);overflow-wrap:normal}\n"
    "th bdi,td bdi{display:inline-block;max-width:22rem;overflow-wrap:break-word}\n"
    "thead th{border-bottom:2px solid var(--soft);vertical-align:bottom;font-weight:600}tbody th,tfoot "
    "th{font-weight:500}tfoot th{white-space:nowrap}tfoot tr:first-child>*{border-top:2px solid var(--soft)}\n"
    ".n{text-align:right;white-space:nowrap}thead .n{white-space:normal}\n"
    "th button bdi{display:inline}th button{all:unset;cursor:pointer;font:inherit}th button:focus-visible{outline:3px solid "
    "var(--accent)}\n"
    "th button::after{content:\"\\2195\";color:var(--soft);padding-left:.3em;font-size:.85em}\n"
    "th[aria-sort=ascending] button::after{content:\"\\2191\"}th[aria-sort=descending] "
    "button::after{content:\"\\2193\"}\n"
    ".figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,20rem),1fr));gap:1.4rem 1.6rem;"
    "align-items:start}\n"
    "figure{margin:0;min-width:0}figure.broad{grid-column:1/-1}\n"
    "figure svg{width:100%;max-width:30rem;height:auto;display:block}figure.broad svg{max-width:none;min-width:48rem}figure "
    "img{display:block;max-width:100%;height:auto}\n"
    "figcaption{font-size:.92rem;margin-top:.4rem}figcaption strong{display:block}\n"
    "details{margin:.4rem 0;font-size:.92rem}summary{cursor:pointer;color:var(--accent)}\n"
    ".examples{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,15rem),1fr));gap:1rem}\n"
    ".pair{display:grid;grid-template-columns:1fr 1fr;gap:3px}.pair img{width:100%;aspect-ratio:1;object-fit:contain;"
    "background:#000}.pair.one{grid-template-columns:1fr;max-width:15rem}\n"
    ".marked{position:relative;max-width:15rem}.marked img{width:100%;height:auto}.marked "
    "svg{position:absolute;inset:0;width:100%;"
    "height:100%;max-width:none}\n"
    ".right{color:var(--good);font-weight:600}.wrong{color:var(--bad);font-weight:600}\n"
    ".remarks{padding-left:1.2rem}.remarks li{margin:.45rem 0}\n"
    "aside{background:var(--mark);border-radius:.5rem;padding:.5rem .9rem;max-width:50rem;margin:1rem 0}\n"
    "pre{background:var(--panel);border:1px solid var(--line);border-radius:.4rem;padding:.7rem .9rem;overflow-x:auto;"
    "white-space:pre-wrap;font:.86rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,\"DejaVu Sans Mono\",monospace}\n"
    "dl{display:grid;grid-template-columns:minmax(8rem,auto) 1fr;gap:.25rem 1rem;margin:.6rem 0;font-size:.94rem}\n"
    "dt{color:var(--soft)}dd{margin:0;min-width:0}\n"
    "footer{border-top:1px solid var(--line);padding-top:.8rem;padding-bottom:2rem;font-size:.9rem;color:var(--soft)}\n"
    "@media (max-width:32rem){dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.4rem}h1{font-size:1.4rem}"
    "th,td{padding:.3rem .5rem}}\n";

/* On paper: everything open but the config, nothing torn in two, no ground. */
static const char style_print[] =
    "@media print{:root{--ink:#000000;--soft:#444444;--paper:#ffffff;--panel:#ffffff;--line:#bbbbbb;--accent:#000000;"
    "--good:#17653a;--bad:#a3271a;--mark:#ffffff;color-scheme:light}\n"
    "body{font-size:10.5pt}header,main,footer{max-width:none;padding-left:0;padding-right:0}nav,.skip,summary{display:none}"
    "\n"
    "h2{margin-top:1.4rem}h2,h3,h4,caption{break-after:avoid}figure,.numbers li,tr{break-inside:avoid}\n"
    ".wide{overflow:visible}figure.broad svg{min-width:0}th button::after{content:\"\"}aside{border:1px solid "
    "var(--line)}}\n"
    "@page{margin:16mm}\n";

static int nibble(char digit)
{
    return digit <= '9' ? digit - '0' : digit - 'a' + 10;
}

/* 'sha256-...' of the script, as a policy names it. */
static void put_hash(gr_html *html)
{
    char digits[GR_SHA256_ROOM], base64[80];
    unsigned char bytes[32];
    gr_text coded = {0};
    gr_sha256(script, sizeof script - 1, digits);
    for (int i = 0; i < 32; i++)
        bytes[i] = (unsigned char)(16 * nibble(digits[2 * i]) + nibble(digits[2 * i + 1]));
    gr_html_data(&coded, "", bytes, sizeof bytes);
    snprintf(base64, sizeof base64, "%s", coded.failed ? "" : strchr(coded.data, ',') + 1);
    html->text.failed |= coded.failed;
    gr_text_free(&coded);
    gr_html_put(html, "&#39;sha256-%t&#39;", base64);
}

void gr_html_begin(gr_html *html, const char *title)
{
    gr_html_put(
        html,
        "<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
        "<title>%t</title>\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
        "<meta name=\"color-scheme\" content=\"light dark\"/>\n<meta name=\"generator\" content=\"grimace %m\"/>\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src &#39;none&#39;; img-src data:; style-src "
        "&#39;unsafe-inline&#39;; script-src ",
        title, GRIMACE_VERSION);
    put_hash(html);
    gr_html_put(html, "; base-uri &#39;none&#39;; form-action &#39;none&#39;\"/>\n<style>%m%m%m</style>\n</head>\n<body>\n",
                style_colours, style, style_print);
}

void gr_html_end(gr_html *html)
{
    gr_html_put(html, "<script>%m</script>\n</body>\n</html>\n", script);
}
