"""Handing in items."""

from wtforms import FileField

from portal.web.form import Form


class ImportForm(Form):
    """A file of items."""

    file = FileField(
        "문항 파일",
        description="GIFT(.txt, .gift)나 CSV(.csv)를 올려요. 올려도 바로 바뀌지 않고 먼저 살펴봐요.",
        render_kw={"accept": ".txt,.gift,.csv"},
    )
