"""管理商品图册: The product album, whose products members send to customers.

Generated from spec/product_album.yaml by `make gen`. Do not edit.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, ClassVar, Self, TypeAlias

from attrs import define, evolve, field

from ._runtime.model import (
    Call,
    Endpoint,
    Model,
    PagedCall,
    Paginate,
    SequenceNotStr,
    Tagged,
    Unknown,
    wire,
)
from .types import MediaId

if TYPE_CHECKING:
    from ._runtime.async_driver import AsyncDriver, AsyncPager
    from ._runtime.sync_driver import Pager, SyncDriver


@define(kw_only=True, eq=False, repr=False)
class ProductImage(Model):
    """An image of a product."""

    media_id: MediaId
    """The image, from media.upload_attachment; read it with media.get."""


ProductAttachment: TypeAlias = Annotated[
    ProductImage | Unknown,
    Tagged("type", {"image": ("image", ProductImage)}),
]
"""A picture of a product."""


@define(kw_only=True, eq=False, repr=False)
class AlbumProduct(Model):
    """A product of the album."""

    product_id: str
    """The product."""
    description: str
    """Name, features and so on."""
    price: int
    """Price in cents (分)."""
    create_time: datetime
    """When it was added."""
    product_sn: str | None = None
    """Product code."""
    attachments: list[ProductAttachment]
    """Pictures."""


@define(kw_only=True, eq=False, repr=False)
class AlbumProductSummary(Model):
    """A product of the album as it is listed."""

    product_id: str
    """The product."""
    description: str
    """Name, features and so on."""
    price: int
    """Price in cents (分)."""
    product_sn: str | None = None
    """Product code."""
    attachments: list[ProductAttachment]
    """Pictures."""


@define(kw_only=True, eq=False, repr=False)
class ProductAlbumAddResult(Model):
    """What `product_album.add` returns."""

    product_id: str
    """The new product."""


@define(kw_only=True, eq=False, repr=False)
class ProductAlbumAdd(Call[ProductAlbumAddResult]):
    """Add a product to the album."""

    endpoint: ClassVar[Endpoint[ProductAlbumAddResult]] = Endpoint(
        name="product_album.add",
        method="POST",
        path="/cgi-bin/externalcontact/add_product_album",
        title="创建商品图册",
        page=95096,
        readonly=False,
        result=ProductAlbumAddResult,
        errors=(40007, 41064, 41065, 41072, 41073, 41085, 41086, 41087, 41088),
    )
    description: str = field(metadata=wire(max_chars=300))
    price: int = field(metadata=wire(max=5000000, min=0))
    product_sn: str | None = field(default=None, metadata=wire(max_bytes=128))
    attachments: SequenceNotStr[ProductAttachment] = field(metadata=wire(max_items=9, min_items=1))


@define(kw_only=True, eq=False, repr=False)
class ProductAlbumGetResult(Model):
    """What `product_album.get` returns."""

    product: AlbumProduct
    """The product."""


@define(kw_only=True, eq=False, repr=False)
class ProductAlbumGet(Call[ProductAlbumGetResult]):
    """Read one product."""

    endpoint: ClassVar[Endpoint[ProductAlbumGetResult]] = Endpoint(
        name="product_album.get",
        method="POST",
        path="/cgi-bin/externalcontact/get_product_album",
        title="获取商品图册",
        page=95096,
        readonly=True,
        result=ProductAlbumGetResult,
        errors=(41074, 41075),
    )
    product_id: str


@define(kw_only=True, eq=False, repr=False)
class ProductAlbumListResult(Model):
    """What `product_album.list` returns."""

    product_list: list[AlbumProductSummary]
    """Products."""
    next_cursor: str | None = None
    """Where the next page begins; empty or absent at the end."""


@define(kw_only=True, eq=False, repr=False)
class ProductAlbumList(PagedCall[ProductAlbumListResult, AlbumProductSummary]):
    """Walk the products of the album."""

    endpoint: ClassVar[Endpoint[ProductAlbumListResult]] = Endpoint(
        name="product_album.list",
        method="POST",
        path="/cgi-bin/externalcontact/get_product_album_list",
        title="获取商品图册列表",
        page=95096,
        readonly=True,
        result=ProductAlbumListResult,
        paginate=Paginate(items="product_list", cursor="cursor", next="next_cursor"),
        errors=(50100,),
    )
    cursor: str | None = None
    limit: int | None = field(default=None, metadata=wire(max=100))

    def items_of(self, page: ProductAlbumListResult) -> list[AlbumProductSummary]:
        return page.product_list

    def after(self, page: ProductAlbumListResult) -> Self | None:
        return evolve(self, cursor=page.next_cursor) if page.next_cursor else None


@define(kw_only=True, eq=False, repr=False)
class ProductAlbumUpdate(Call[None]):
    """Change a product."""

    endpoint: ClassVar[Endpoint[None]] = Endpoint(
        name="product_album.update",
        method="POST",
        path="/cgi-bin/externalcontact/update_product_album",
        title="编辑商品图册",
        page=95096,
        readonly=False,
        result=None,
        errors=(40007, 41064, 41065, 41072, 41073, 41074, 41075, 41085, 41086, 41087, 41088),
    )
    product_id: str
    description: str | None = field(default=None, metadata=wire(max_chars=300))
    price: int | None = field(default=None, metadata=wire(max=5000000, min=0))
    product_sn: str | None = field(default=None, metadata=wire(max_bytes=128))
    attachments: SequenceNotStr[ProductAttachment] | None = field(
        default=None, metadata=wire(max_items=9)
    )


@define(kw_only=True, eq=False, repr=False)
class ProductAlbumDelete(Call[None]):
    """Delete a product."""

    endpoint: ClassVar[Endpoint[None]] = Endpoint(
        name="product_album.delete",
        method="POST",
        path="/cgi-bin/externalcontact/delete_product_album",
        title="删除商品图册",
        page=95096,
        readonly=False,
        result=None,
        errors=(41074, 41075),
    )
    product_id: str


class ProductAlbumCalls:
    """管理商品图册: the calls of `Client.product_album`."""

    __slots__ = ("_client",)

    def __init__(self, client: "SyncDriver") -> None:
        self._client = client

    def add(
        self,
        *,
        description: str,
        price: int,
        attachments: SequenceNotStr[ProductAttachment],
        product_sn: str | None = None,
    ) -> ProductAlbumAddResult:
        """Add a product to the album.

        创建商品图册: https://developer.work.weixin.qq.com/document/path/95096

        - Upload the pictures with media.upload_attachment and attachment_type 2; other media ids
          are refused.

        Args:
            description: Name, features and so on. At most 300 characters.
            price: Price in cents (分), at most 50,000 yuan. 0 to 5,000,000.
            attachments: Pictures; only images are taken. 1 to 9 items.
            product_sn: Product code, letters and digits only. At most 128 bytes.

        Raises:
            InvalidArgument: 40007, 41064, 41065, 41072, 41073, 41085, 41086, 41087, 41088.
        """
        return self._client.send(
            ProductAlbumAdd(
                description=description,
                price=price,
                attachments=attachments,
                product_sn=product_sn,
            )
        )

    def get(self, *, product_id: str) -> ProductAlbumGetResult:
        """Read one product.

        获取商品图册: https://developer.work.weixin.qq.com/document/path/95096

        - Every product of the company can be read, whichever app made it.

        Args:
            product_id: The product.

        Raises:
            NotFound: 41074, 41075.
        """
        return self._client.send(ProductAlbumGet(product_id=product_id))

    def list(
        self,
        *,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> "Pager[ProductAlbumListResult, AlbumProductSummary]":
        """Walk the products of the album.

        获取商品图册列表: https://developer.work.weixin.qq.com/document/path/95096

        - A limit above 100 counts as 50.
        - The items lack `create_time`, which `get` has.

        Args:
            cursor: Where to go on.
            limit: Page size. At most 100. 50 by default.

        Raises:
            InvalidArgument: 50100.
        """
        return self._client.pager(ProductAlbumList(cursor=cursor, limit=limit))

    def update(
        self,
        *,
        product_id: str,
        description: str | None = None,
        price: int | None = None,
        product_sn: str | None = None,
        attachments: SequenceNotStr[ProductAttachment] | None = None,
    ) -> None:
        """Change a product.

        编辑商品图册: https://developer.work.weixin.qq.com/document/path/95096

        - Whether an empty value clears `product_sn` the page does not say.
        - What is not given stays as it is; the page's table marks `description` and `price` as
          required, its note does not.
        - An app may change only its own products.

        Args:
            product_id: The product.
            description: Name, features and so on. At most 300 characters.
            price: Price in cents (分), at most 50,000 yuan. 0 to 5,000,000.
            product_sn: Product code, letters and digits only. At most 128 bytes.
            attachments: Pictures, in place of the old ones; only images are taken. At most 9 items.

        Raises:
            InvalidArgument: 40007, 41064, 41065, 41072, 41073, 41085, 41086, 41087, 41088.
            NotFound: 41074, 41075.
        """
        return self._client.send(
            ProductAlbumUpdate(
                product_id=product_id,
                description=description,
                price=price,
                product_sn=product_sn,
                attachments=attachments,
            )
        )

    def delete(self, *, product_id: str) -> None:
        """Delete a product.

        删除商品图册: https://developer.work.weixin.qq.com/document/path/95096

        - An app may delete only its own products.

        Args:
            product_id: The product.

        Raises:
            NotFound: 41074, 41075.
        """
        return self._client.send(ProductAlbumDelete(product_id=product_id))


class AsyncProductAlbumCalls:
    """管理商品图册: the calls of `AsyncClient.product_album`."""

    __slots__ = ("_client",)

    def __init__(self, client: "AsyncDriver") -> None:
        self._client = client

    async def add(
        self,
        *,
        description: str,
        price: int,
        attachments: SequenceNotStr[ProductAttachment],
        product_sn: str | None = None,
    ) -> ProductAlbumAddResult:
        """Add a product to the album.

        创建商品图册: https://developer.work.weixin.qq.com/document/path/95096

        - Upload the pictures with media.upload_attachment and attachment_type 2; other media ids
          are refused.

        Args:
            description: Name, features and so on. At most 300 characters.
            price: Price in cents (分), at most 50,000 yuan. 0 to 5,000,000.
            attachments: Pictures; only images are taken. 1 to 9 items.
            product_sn: Product code, letters and digits only. At most 128 bytes.

        Raises:
            InvalidArgument: 40007, 41064, 41065, 41072, 41073, 41085, 41086, 41087, 41088.
        """
        return await self._client.send(
            ProductAlbumAdd(
                description=description,
                price=price,
                attachments=attachments,
                product_sn=product_sn,
            )
        )

    async def get(self, *, product_id: str) -> ProductAlbumGetResult:
        """Read one product.

        获取商品图册: https://developer.work.weixin.qq.com/document/path/95096

        - Every product of the company can be read, whichever app made it.

        Args:
            product_id: The product.

        Raises:
            NotFound: 41074, 41075.
        """
        return await self._client.send(ProductAlbumGet(product_id=product_id))

    def list(
        self,
        *,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> "AsyncPager[ProductAlbumListResult, AlbumProductSummary]":
        """Walk the products of the album.

        获取商品图册列表: https://developer.work.weixin.qq.com/document/path/95096

        - A limit above 100 counts as 50.
        - The items lack `create_time`, which `get` has.

        Args:
            cursor: Where to go on.
            limit: Page size. At most 100. 50 by default.

        Raises:
            InvalidArgument: 50100.
        """
        return self._client.pager(ProductAlbumList(cursor=cursor, limit=limit))

    async def update(
        self,
        *,
        product_id: str,
        description: str | None = None,
        price: int | None = None,
        product_sn: str | None = None,
        attachments: SequenceNotStr[ProductAttachment] | None = None,
    ) -> None:
        """Change a product.

        编辑商品图册: https://developer.work.weixin.qq.com/document/path/95096

        - Whether an empty value clears `product_sn` the page does not say.
        - What is not given stays as it is; the page's table marks `description` and `price` as
          required, its note does not.
        - An app may change only its own products.

        Args:
            product_id: The product.
            description: Name, features and so on. At most 300 characters.
            price: Price in cents (分), at most 50,000 yuan. 0 to 5,000,000.
            product_sn: Product code, letters and digits only. At most 128 bytes.
            attachments: Pictures, in place of the old ones; only images are taken. At most 9 items.

        Raises:
            InvalidArgument: 40007, 41064, 41065, 41072, 41073, 41085, 41086, 41087, 41088.
            NotFound: 41074, 41075.
        """
        return await self._client.send(
            ProductAlbumUpdate(
                product_id=product_id,
                description=description,
                price=price,
                product_sn=product_sn,
                attachments=attachments,
            )
        )

    async def delete(self, *, product_id: str) -> None:
        """Delete a product.

        删除商品图册: https://developer.work.weixin.qq.com/document/path/95096

        - An app may delete only its own products.

        Args:
            product_id: The product.

        Raises:
            NotFound: 41074, 41075.
        """
        return await self._client.send(ProductAlbumDelete(product_id=product_id))
