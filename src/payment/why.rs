//! Why a person may not do something about money now: one reason each, so that every edge can say
//! it in its own words. Their `Display` is what the command line says.

/// A reason, with what may be done instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// The case has ended.
    #[error("the case is closed")]
    CaseClosed,
    /// There is no order that money or goods could go to.
    #[error("the case has no order")]
    NoOrder,
    /// A refund of this money has not ended.
    #[error("the money is on its way back")]
    OnItsWayBack,
    /// All goods left, or none are owed.
    #[error("the order owes no goods")]
    OwesNoGoods,
    /// The money of the case is gone already.
    #[error("no money of this case is left to pay the order")]
    NothingToPayWith,
    /// The channel itself has given it back.
    #[error("the channel has given this money back: refund it with `case refund`")]
    GivenBack,
    /// Other money has paid the order.
    #[error("the order is paid already: refund this money with `case refund`")]
    PaidAlready,
    /// It cannot pay the order.
    #[error("the money is in another currency: refund it with `case refund`")]
    OtherCurrency,
    /// It cannot pay the order.
    #[error("less came than the order costs: refund it, and let the buyer order again")]
    TooLittle,
    /// A second refund would pay twice.
    #[error("a refund is on its way already")]
    RefundOnItsWay,
    /// Nothing of it could go back.
    #[error("what was delivered is worth all that was paid")]
    WorthAll,
    /// The money of the case is gone already.
    #[error("no money of this case is left to refund")]
    NothingToRefund,
    /// Nothing was asked back.
    #[error("no refund of this case is on its way")]
    NoRefund,
    /// Nothing is open about it.
    #[error("the refund of this case has ended already")]
    RefundEnded,
    /// Nobody else decides meanwhile.
    #[error("the refund is being sent right now: look again in two minutes")]
    RefundHeld,
    /// It may still go back.
    #[error("the channel works on this refund: wait for its end, or say `case went-back`")]
    ChannelWorks,
    /// The case closes by itself.
    #[error(
        "its refund has not ended: the case closes when it does; say `case went-back` or \
         `case did-not-go-back` if you know more than the channel tells"
    )]
    RefundNotEnded,
    /// Money would be put away with it.
    #[error(
        "its money is neither delivered for nor on its way back: use `case deliver` or `case refund`"
    )]
    HoldsMoney,
    /// Goods would be put away with it.
    #[error("goods are still owed: use `case deliver` or `case refund`")]
    GoodsOwed,
    /// Handing out found too few.
    #[error("not enough is in stock to deliver")]
    NotEnough,
    /// No buyer could use it.
    #[error("a content is empty")]
    EmptyContent,
    /// No row holds it.
    #[error("a content is longer than 64 KiB")]
    LongContent,
    /// No confirmed money pays this order.
    #[error("no money came for this order")]
    NoMoneyCame,
    /// A receipt of nothing is none.
    #[error("money is more than nothing")]
    NoMoney,
    /// Money that came for an order that ended is in a case of its own.
    #[error("the order is not paid: money that came for it all the same has a case of its own")]
    NotPaid,
    /// Everything of the order went back before.
    #[error("all of it has gone back already, or is on its way")]
    AllBack,
    /// A part of it is on its way: the whole waits for that.
    #[error("a part of it is on its way back: refund less, or wait for its end")]
    PartOnItsWay,
    /// The amount is none of those that may go back.
    #[error("this amount cannot go back: take what was not delivered, or all")]
    RestOrWhole,
    /// Nothing, or more than is left.
    #[error("a refund is more than nothing, and at most what is left")]
    OutOfRange,
    /// Somebody else decided first.
    #[error("somebody else did something about this order meanwhile: look at it again")]
    Meanwhile,
}
