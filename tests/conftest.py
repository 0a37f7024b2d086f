"""Generated files of a test run lie in a folder of that run, never in the user's cache; laws are strict."""

import os

import pytest

os.environ["TANGENT_AD_STRICT"] = "1"  # an optimisation that breaks a law fails the test; other processes inherit it


@pytest.fixture(autouse=True, scope="session")
def _cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TANGENT_AD_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield
