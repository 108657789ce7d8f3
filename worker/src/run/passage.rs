//! Answers that are passed on byte for byte as they arrive, and read on the side.

use cuecard_prompt::Code;
use cuecard_run::{AnswerReader, ModelAnswer, UsageFilter};
use futures_util::future::{Either, select};
use js_sys::Uint8Array;
use serde_json::Value;
use std::pin::pin;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use worker::web_sys::{
    ReadableStream, Response, ResponseInit, WritableStream, WritableStreamDefaultWriter,
};

use super::problem::Trouble;
use super::under_way::{UnderWay, now};
use super::upstream::{Pieces, platform};

#[wasm_bindgen]
extern "C" {
    /// The platform's own stream of bytes, which copies none.
    type IdentityTransformStream;

    #[wasm_bindgen(constructor, catch)]
    fn new() -> Result<IdentityTransformStream, JsValue>;

    #[wasm_bindgen(method, getter)]
    fn readable(this: &IdentityTransformStream) -> ReadableStream;

    #[wasm_bindgen(method, getter)]
    fn writable(this: &IdentityTransformStream) -> WritableStream;
}

/// The headers of a model API's answer that its caller gets.
const PASSED: [&str; 3] = ["content-type", "x-request-id", "request-id"];
/// The most bytes of an answer that is read on the side, if it is no event stream.
const MAX_WHOLE: usize = 16 << 20;

/// Passes an answer on, with these headers; the run goes on beside it.
pub(super) fn pass(
    run: UnderWay,
    response: &Response,
    headers: &[(&'static str, String)],
) -> Result<Response, Trouble> {
    let build = || {
        let init = ResponseInit::new();
        init.set_status(response.status());
        let all = worker::web_sys::Headers::new()?;
        for name in PASSED {
            if let Some(value) = response.headers().get(name)? {
                all.set(name, &value)?;
            }
        }
        for (name, value) in headers {
            all.set(name, value)?;
        }
        init.set_headers(&all);
        let stream = IdentityTransformStream::new()?;
        let passed =
            Response::new_with_opt_readable_stream_and_init(Some(&stream.readable()), &init)?;
        Ok((passed, stream.writable().get_writer()?))
    };
    let (passed, writer) = build().map_err(platform)?;
    let is_events = response
        .headers()
        .get("content-type")
        .ok()
        .flatten()
        .is_some_and(|media| media.trim_start().starts_with("text/event-stream"));
    let side = SideRead {
        reader: AnswerReader::new(run.kind),
        whole: (!is_events).then(Vec::new),
    };
    spawn_local(go(run, Pieces::of(response), writer, side));
    Ok(passed)
}

/// An answer of ours that starts at once, and ends when `written` settles.
pub(super) fn held(
    body: &str,
    headers: &[(&'static str, String)],
    written: impl Future<Output = ()> + 'static,
) -> Result<Response, Trouble> {
    let build = || {
        let all = worker::web_sys::Headers::new()?;
        for (name, value) in headers {
            all.set(name, value)?;
        }
        let init = ResponseInit::new();
        init.set_headers(&all);
        let stream = IdentityTransformStream::new()?;
        let response =
            Response::new_with_opt_readable_stream_and_init(Some(&stream.readable()), &init)?;
        Ok((response, stream.writable().get_writer()?))
    };
    let (response, writer) = build().map_err(platform)?;
    let body = Uint8Array::from(body.as_bytes());
    spawn_local(async move {
        // A caller that has gone needs neither.
        let _ = JsFuture::from(writer.write_with_chunk(&body)).await;
        written.await;
        let _ = JsFuture::from(writer.close()).await;
    });
    Ok(response)
}

/// The part that is read on the side.
struct SideRead {
    reader: AnswerReader,
    /// The whole answer, if it is no event stream.
    whole: Option<Vec<u8>>,
}

impl SideRead {
    fn read(&mut self, piece: &[u8]) {
        match &mut self.whole {
            None => self.reader.piece(piece),
            Some(whole) if whole.len() < MAX_WHOLE => whole.extend_from_slice(piece),
            Some(_) => {}
        }
    }

    fn finish(self) -> ModelAnswer {
        let Some(whole) = self.whole else {
            return self.reader.finish();
        };
        match serde_json::from_slice::<Value>(&whole) {
            Ok(body) => self.reader.whole(&body),
            // It has no recognisable end.
            Err(_) => ModelAnswer::default(),
        }
    }
}

async fn go(
    mut run: UnderWay,
    pieces: Pieces,
    writer: WritableStreamDefaultWriter,
    mut side: SideRead,
) {
    let passed = pass_all(&mut run, &pieces, &writer, &mut side).await;
    let answer = side.finish();
    let passed = passed.and_then(|()| match &answer.error {
        Some(words) => Err(run.failed(words)),
        None if !answer.ended => {
            let detail = "the model API's answer ends too early";
            Err(Trouble::new(Code::UpstreamBadResponse, detail))
        }
        None => Ok(()),
    });
    match passed {
        Ok(()) => drop(run.completed(&answer)),
        Err(trouble) => run.came_to_nothing(&trouble, Some(&answer)),
    }
}

/// Passes piece after piece. An answer that breaks off at the model API must break off here, too, not look whole.
async fn pass_all(
    run: &mut UnderWay,
    pieces: &Pieces,
    writer: &WritableStreamDefaultWriter,
    side: &mut SideRead,
) -> Result<(), Trouble> {
    let passed = loop {
        let piece = match next(run, pieces, writer).await {
            Ok(Some(piece)) => piece,
            Ok(None) => break Ok(()),
            Err(trouble) => break Err(trouble),
        };
        if run.execution.first_token_at.is_none() {
            run.execution.first_token_at = Some(now());
        }
        let bytes = piece.to_vec();
        let piece = match &mut run.filter {
            None => piece,
            Some(filter) => match filter.pass(&bytes).as_slice() {
                [] => {
                    side.read(&bytes);
                    continue;
                }
                rest => Uint8Array::from(rest),
            },
        };
        let written = JsFuture::from(writer.write_with_chunk(&piece));
        side.read(&bytes);
        // A caller that does not read counts as gone.
        if !matches!(run.wait(written).await, Ok(Ok(_))) {
            break Err(Trouble::cancelled());
        }
    };
    match &passed {
        Ok(()) => {
            let left = run
                .filter
                .take()
                .map(UsageFilter::finish)
                .unwrap_or_default();
            if !left.is_empty() {
                let left = Uint8Array::from(left.as_slice());
                drop(JsFuture::from(writer.write_with_chunk(&left)).await);
            }
            run.written().await;
            // A caller that has all bytes may close early.
            drop(JsFuture::from(writer.close()).await);
        }
        Err(trouble) => {
            run.course.stop();
            pieces.cancel();
            let reason = JsValue::from_str(trouble.error.detail());
            drop(JsFuture::from(writer.abort_with_reason(&reason)).await);
        }
    }
    passed
}

/// The next piece, unless the caller leaves before it arrives.
async fn next(
    run: &UnderWay,
    pieces: &Pieces,
    writer: &WritableStreamDefaultWriter,
) -> Result<Option<Uint8Array>, Trouble> {
    let gone = JsFuture::from(writer.closed());
    let came = pin!(run.wait(pieces.next()));
    match select(came, pin!(gone)).await {
        Either::Left((came, _)) => came?,
        Either::Right(_) => Err(Trouble::cancelled()),
    }
}
