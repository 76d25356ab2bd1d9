-- Neovim as a client of `pomlint lsp`: nvim --headless -u NONE -S lsp.lua. What fails is written to the file RESULT.
local result = io.open(vim.env.RESULT, 'w')
local failed = false
local function expect(holds, what)
  if not holds then
    failed = true
    result:write(what .. '\n')
  end
end

local function run()
  vim.cmd('edit ' .. vim.env.CONFIG)
  local id = vim.lsp.start_client({ name = 'pomlint', cmd = { vim.env.POMLINT, 'lsp' }, root_dir = vim.fn.getcwd() })
  vim.lsp.buf_attach_client(0, id)
  local function diagnostics()
    return vim.diagnostic.get(0)
  end
  expect(vim.wait(60000, function() return #diagnostics() > 0 end, 50), 'no diagnostics are shown')
  local slash
  for _, found in ipairs(diagnostics()) do
    if found.code == 'issuer-has-trailing-slash' then slash = found end
  end
  if not slash then
    expect(false, 'the slash behind the issuer is not shown')
    return
  end
  local line = vim.api.nvim_buf_get_lines(0, slash.lnum, slash.lnum + 1, false)[1]
  local covered = line:sub(slash.col + 1, slash.end_col)
  expect(covered == '/' and slash.end_col == #line, 'it covers: ' .. covered)

  local place = { line = slash.lnum, character = slash.col }
  local document = { uri = vim.uri_from_bufnr(0) }
  local function ask(method, more)
    local answers = vim.lsp.buf_request_sync(0, method, vim.tbl_extend('force', { textDocument = document }, more), 60000)
    for _, answer in pairs(answers or {}) do
      return answer.result
    end
  end
  local hover = ask('textDocument/hover', { position = place })
  expect(hover and hover.contents.value:find('User pool', 1, true) ~= nil, 'nothing is said of the issuer')
  local actions = ask('textDocument/codeAction', {
    range = { start = place, ['end'] = place },
    context = { diagnostics = {} },
  }) or {}
  local cure
  for _, action in ipairs(actions) do
    if action.isPreferred then cure = action end
  end
  if not cure then
    expect(false, 'no cure is offered')
    return
  end
  vim.lsp.util.apply_workspace_edit(cure.edit, 'utf-16')
  expect(vim.wait(60000, function()
    for _, found in ipairs(diagnostics()) do
      if found.code == 'issuer-has-trailing-slash' then return false end
    end
    return true
  end, 50), 'the finding stays after its cure')

  vim.api.nvim_buf_set_lines(0, 0, 0, false, { '# pomlint: ignore[iss' })
  local named
  for _, item in ipairs(ask('textDocument/completion', { position = { line = 0, character = 21 } }) or {}) do
    if item.label == 'issuer-missing' then named = item end
  end
  expect(named and named.textEdit.range.start.character == 18, 'no rule is named where one is to be ignored')
end

local ran, why = pcall(run)
expect(ran, tostring(why))
if not failed then result:write('ok\n') end
result:close()
vim.cmd('qa!')
