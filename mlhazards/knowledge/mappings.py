"""What `keys()`, `values()` and `items()` give where they give no view of a dict.

A key is the canonical name of a class or callable, or, with a dot at its end, everything below a
module. The value says what comes back, and where that is said. What is not listed is taken for a
dict only if the code says so.
"""

from __future__ import annotations

_LIBRARY = "https://docs.python.org/3/library/"

_ABSTRACT = "a picklable view of collections.abc"
_LIST = "a list"

NO_DICT_VIEWS = {
    # Python's own
    "collections.ChainMap": (_ABSTRACT, f"{_LIBRARY}collections.html#collections.ChainMap"),
    "collections.UserDict": (_ABSTRACT, f"{_LIBRARY}collections.html#collections.UserDict"),
    "configparser.": (_ABSTRACT, f"{_LIBRARY}configparser.html#mapping-protocol-access"),
    "dbm.": (_LIST, f"{_LIBRARY}dbm.html"),
    "email.": (_LIST, f"{_LIBRARY}email.compat32-message.html#email.message.Message.keys"),
    "http.client.": (_LIST, f"{_LIBRARY}http.client.html#http.client.HTTPResponse.headers"),
    "http.server.": (_LIST, f"{_LIBRARY}http.server.html"),
    "mailbox.": (_LIST, f"{_LIBRARY}mailbox.html#mailbox.Mailbox.keys"),
    "multiprocessing.Manager": (_LIST, f"{_LIBRARY}multiprocessing.html#proxy-objects"),
    "multiprocessing.managers.": (_LIST, f"{_LIBRARY}multiprocessing.html#proxy-objects"),
    "shelve.": (_ABSTRACT, f"{_LIBRARY}shelve.html"),
    "sqlite3.": (_LIST, f"{_LIBRARY}sqlite3.html#sqlite3.Row.keys"),
    "unittest.mock.": ("a mock", f"{_LIBRARY}unittest.mock.html"),
    "weakref.WeakKeyDictionary": ("a generator", f"{_LIBRARY}weakref.html"),
    "weakref.WeakValueDictionary": ("a generator", f"{_LIBRARY}weakref.html"),
    "wsgiref.headers.": (_LIST, f"{_LIBRARY}wsgiref.html#wsgiref.headers.Headers"),
    "xml.": (_LIST, f"{_LIBRARY}xml.etree.elementtree.html#xml.etree.ElementTree.Element.keys"),
    # Other people's
    "django.http.": (
        "an iterator",
        "https://docs.djangoproject.com/en/stable/ref/request-response/",
    ),
    "h5py.": ("a view of a file", "https://docs.h5py.org/en/stable/high/group.html"),
    "lxml.": (_LIST, "https://lxml.de/apidoc/lxml.etree.html"),
    "ml_collections.": (_LIST, "https://github.com/google/ml_collections"),
    "mock.": ("a mock", "https://mock.readthedocs.io/en/latest/"),
    "multidict.": ("a view of its own", "https://multidict.aio-libs.org/en/stable/multidict/"),
    "netCDF4.": ("a view of a file", "https://unidata.github.io/netcdf4-python/"),
    "numpy.": (
        "a view of a file, or of fields",
        "https://numpy.org/doc/stable/reference/generated/numpy.load.html",
    ),
    "pandas.": (
        "an index",
        "https://pandas.pydata.org/docs/reference/api/pandas.DataFrame.keys.html",
    ),
    "polars.": ("columns", "https://docs.pola.rs/api/python/stable/reference/dataframe/"),
    "redis.": (_LIST, "https://redis.readthedocs.io/en/stable/commands.html"),
    "requests.structures.": (_ABSTRACT, "https://requests.readthedocs.io/en/latest/api/"),
    "tables.": ("a view of a file", "https://www.pytables.org/usersguide/libref.html"),
    "wandb.config": (_LIST, "https://docs.wandb.ai/ref/python/"),
    "wandb.summary": (_LIST, "https://docs.wandb.ai/ref/python/"),
    "werkzeug.": ("an iterator", "https://werkzeug.palletsprojects.com/en/stable/datastructures/"),
    "xarray.": (_ABSTRACT, "https://docs.xarray.dev/en/stable/generated/xarray.Dataset.keys.html"),
    "zarr.": ("a generator", "https://zarr.readthedocs.io/en/stable/api/zarr/"),
}

#: Base classes that give `keys()` and its like themselves, as views that can be pickled.
ABSTRACT_MAPPINGS = frozenset({
    "collections.ChainMap", "collections.UserDict", "collections.abc.Mapping",
    "collections.abc.MutableMapping", "typing.Mapping", "typing.MutableMapping",
})  # fmt: skip

#: Callables whose result is a dict wherever it has `keys()`.
DICT_MAKERS = frozenset({
    "builtins.globals", "builtins.locals", "builtins.vars", "json.load", "json.loads",
    "tomli.load", "tomli.loads", "tomllib.load", "tomllib.loads", "yaml.full_load",
    "yaml.safe_load",
})  # fmt: skip

#: Classes whose instances are sent to other processes as a matter of course.
CROSSING_BASES = frozenset({
    "multiprocessing.Process", "multiprocessing.context.ForkServerProcess",
    "multiprocessing.context.Process", "multiprocessing.context.SpawnProcess",
    "multiprocessing.process.BaseProcess", "torch.multiprocessing.Process",
    "torch.utils.data.Dataset", "torch.utils.data.IterableDataset",
    "torch.utils.data.dataset.Dataset", "torch.utils.data.dataset.IterableDataset",
})  # fmt: skip

#: Methods by which a class says itself how it is pickled or copied.
PICKLING_METHODS = ("__getstate__", "__reduce__", "__reduce_ex__")


def gives_no_dict_view(name: str) -> bool:
    """Return whether ``keys()`` of what a class or callable makes is known to be no dict view."""
    if name in NO_DICT_VIEWS:
        return True
    ends = [end for end, character in enumerate(name) if character == "."]
    return any(name[: end + 1] in NO_DICT_VIEWS for end in ends)
