"""Where the edge keeps what it has cached: the file of a URL, as `proxy_cache_path` in templates/nginx.conf lays them out."""

import hashlib
from pathlib import Path


def file_of(folder: Path, path: str) -> Path:
    """The file of a URL's path, which is the key (`proxy_cache_key $uri`); `levels=1:2` puts it two folders deep.

    nginx takes a file that is gone for one that never was: whoever asks next is answered by the origin
    (http://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_cache_path).
    """
    digest = hashlib.md5(path.encode(), usedforsecurity=False).hexdigest()
    return folder / digest[-1] / digest[-3:-1] / digest
