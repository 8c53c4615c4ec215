from pathlib import Path

import pytest

from crossdock.settings import BadSetting, Settings, load


def test_nothing_needs_to_be_set() -> None:
    assert load({}) == Settings(database_url=None, data_dir=None, tenant="main")


def test_an_empty_variable_counts_as_absent() -> None:
    assert load({"CROSSDOCK_DATABASE_URL": "", "CROSSDOCK_DATA_DIR": "", "CROSSDOCK_TENANT": ""}) == load({})


def test_every_setting_is_read_from_its_variable() -> None:
    environment = {
        "CROSSDOCK_DATABASE_URL": "postgresql://crossdock@db.example/crossdock",
        "CROSSDOCK_DATA_DIR": "/srv/crossdock",
        "CROSSDOCK_TENANT": "acme-eu",
    }
    assert load(environment) == Settings(
        database_url="postgresql://crossdock@db.example/crossdock",
        data_dir=Path("/srv/crossdock"),
        tenant="acme-eu",
    )


@pytest.mark.parametrize(
    ("variable", "value", "instead"),
    [
        ("CROSSDOCK_DATABASE_URL", "mysql://db/x", "postgresql://"),
        ("CROSSDOCK_DATA_DIR", "data", "absolute path"),
        ("CROSSDOCK_TENANT", "Acme Inc", "lower-case letters"),
    ],
)
def test_a_bad_value_is_refused_with_variable_value_and_what_to_write_instead(
    variable: str, value: str, instead: str
) -> None:
    with pytest.raises(BadSetting) as refusal:
        load({variable: value})
    message = str(refusal.value)
    assert variable in message
    assert value.split(":", maxsplit=1)[0] in message
    assert instead in message


@pytest.mark.parametrize("value", ["user:secret@db/x", "password=secret host=db", "mysql://user:secret@db/x"])
def test_a_refused_database_url_does_not_show_its_password(value: str) -> None:
    with pytest.raises(BadSetting) as refusal:
        load({"CROSSDOCK_DATABASE_URL": value})
    assert "secret" not in str(refusal.value)
