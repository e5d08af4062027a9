"""Templates of addresses: what they may be, and what becomes of the values in them."""

import pytest
from autostats.links import BadTemplate, Links, checked, filled


@pytest.mark.parametrize(
    ("template", "said", "remedy"),
    [
        ("https://a.example/{runs}", "unknown placeholder, {runs}", "Did you mean {run}?"),
        ("https://a.example/{Instrument}", "unknown placeholder, {Instrument}", "Did you mean {instrument}?"),
        ("https://a.example/{}", "unknown placeholder, {}", "There are {instrument}, {run}, {job}, {rb}."),
        ("a.example/{run}", "does not begin with http", "scheme included"),
        ("//a.example/{run}", "does not begin with http", "scheme included"),
        ("javascript:alert({run})", "does not begin with http", "scheme included"),
        (" javascript:alert(1)//https://a.example", "does not begin with http", "scheme included"),
        ("file:///etc/{run}", "does not begin with http", "scheme included"),
        ("{run}", "does not begin with http", "scheme included"),
        ("https://", "does not name a host", "https://host/path"),
        ("https:///{run}", "does not name a host", "https://host/path"),
        ("https://a.example:port/{run}", "does not name a host", "https://host/path"),
        ("https://[a/{run}", "does not name a host", "https://host/path"),
        ("https://me:secret@a.example/{run}", "has a login", "leave it out"),
        ("https://{instrument}.example/{run}", "a placeholder in its host", "after the host"),
        ('https://a.example/"{run}', "a character that an address cannot have, '\"'", "%22"),
        ("https://a.example/a b/{run}", "a character that an address cannot have, ' '", "%20"),
        ("https://a.example/{run", "a character that an address cannot have, '{'", "%7B"),
        ("https://a.example/\x1b\\{run}", "a character that an address cannot have", "%1B"),
        ("https://a.example/\N{LATIN SMALL LETTER E WITH ACUTE}", "a character", "%C3%A9"),
    ],
)
def test_a_template_that_is_no_address_is_refused(template: str, said: str, remedy: str) -> None:
    with pytest.raises(BadTemplate) as caught:
        checked(template)
    assert said in str(caught.value)
    assert remedy in caught.value.remedy


@pytest.mark.parametrize(
    "template",
    [
        "https://a.example",
        "HTTP://[::1]:8000/{instrument}/{run}?job={job}#{rb}",
        "https://a.example/caf%C3%A9/(a)/{run}",
    ],
)
def test_an_address_is_kept_as_it_is(template: str) -> None:
    assert checked(f" {template}\n") == template


def test_each_value_is_percent_encoded() -> None:
    strange = 'a/../"<b>&\x1b\\?#\N{SNOWMAN}{run}'
    found = filled("https://a.example/{instrument}/{run}/{run}", {"instrument": strange, "run": 7})
    assert filled("https://a.example/@here/{run}", {"run": 7}) == "https://a.example/%40here/7"
    assert found == "https://a.example/a%2F..%2F%22%3Cb%3E%26%1B%5C%3F%23%E2%98%83%7Brun%7D/7/7"


@pytest.mark.parametrize("rb", [None, ""])
def test_without_a_value_there_is_no_link(rb: object) -> None:
    links = Links({"job": "https://a.example/{rb}/{job}"})
    assert links.address("job", {"job": 1, "rb": rb}) is None
    assert links.address("job", {"job": 1}) is None
    assert links.address("run", {"run": 1}) is None
    assert links.address("job", {"job": 1, "rb": 0}) == "https://a.example/0/1"
